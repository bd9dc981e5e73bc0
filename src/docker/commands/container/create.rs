//! `docker create`, and the part of it that `docker run` shares.

use docker_api::http::Query;
use docker_api::reference::Reference;
use docker_api::types::CreateBody;
use machine::Fd;
use machine::fs::OpenFlags;

use super::{flags, options};
use crate::api::{ApiError, Body, Client};
use crate::cli::{Args, Invocation, Outcome, Spec};
use crate::commands::common::{text, texts};
use crate::commands::image::pull::{Quiet, pull_image};

/// The command's table.
pub const SPEC: Spec = Spec {
    paths: &["container create", "create"],
    usage: "[OPTIONS] IMAGE [COMMAND] [ARG...]",
    short: "Create a new container",
    flags: &[
        flags::FLAGS,
        r#"
|pull|string|Pull image before creating ("always", "|missing", "never") (default "missing")
"#,
    ],
    args: Args::AtLeast(1),
    interspersed: false,
    check: options::check,
    ..Spec::new(|c| Box::pin(run(c)))
};

async fn run(c: Invocation) -> Outcome {
    let pull = c.matches.text("pull").trim_matches('|').to_string();
    if let Err(why) = check_pull(&pull) {
        return c.refuse(125, &why);
    }
    let body = match options::create_body(&c.sys, &c.matches) {
        Ok(body) => body,
        Err(why) => return c.refuse(125, &why),
    };
    match create(&c, body, &pull).await {
        Ok(id) => {
            c.println(&id).await;
            Ok(())
        }
        Err(why) => crate::cli::fail(why),
    }
}

/// Checks `--pull`.
pub fn check_pull(pull: &str) -> Result<(), String> {
    match pull {
        "always" | "missing" | "never" => Ok(()),
        _ => Err(format!("invalid pull option: '{pull}': must be one of \"always\", \"missing\" or \"never\"")),
    }
}

/// Creates the container, pulling its image if need be; the id, or the error's text.
pub async fn create(c: &Invocation, body: CreateBody, pull: &str) -> Result<String, String> {
    let id_file = body.host_config.container_id_file.clone();
    let id_fd = open_id_file(c, &id_file).await?;
    let result = create_or_pull(c, body, pull).await;
    if let Some(fd) = id_fd {
        match &result {
            Ok(id) => drop(c.sys.write_all(fd, id.as_bytes()).await),
            Err(_) => drop(c.sys.unlink(&id_file)),
        }
        let _ = c.sys.close(fd);
    }
    result
}

async fn open_id_file(c: &Invocation, path: &str) -> Result<Option<Fd>, String> {
    if path.is_empty() {
        return Ok(None);
    }
    if c.sys.stat(path).is_ok() {
        return Err(format!("container ID file found, make sure the other container isn't running or delete {path}"));
    }
    let flags = OpenFlags { write: true, create: true, truncate: true, ..OpenFlags::READ };
    match c.sys.open(path, flags, 0o666).await {
        Ok(fd) => Ok(Some(fd)),
        Err(errno) => {
            Err(format!("failed to create the container ID file: open {path}: {}", errno.message().to_lowercase()))
        }
    }
}

async fn create_or_pull(c: &Invocation, body: CreateBody, pull: &str) -> Result<String, String> {
    let reference = named(&body.config.image)?;
    let quiet = if c.matches.on("quiet") { Quiet::Yes } else { Quiet::No };
    let platform = c.matches.text("platform");
    if !platform.is_empty() {
        docker_api::platform::parse(&platform).map_err(|why| format!("error parsing specified platform: {why}"))?;
    }
    let client = c.client();
    if let ("always", Some(reference)) = (pull, &reference) {
        pull_image(&c.sys, &client, reference, &platform, Fd::STDERR, quiet).await.map_err(|f| f.text)?;
    }
    let mut query = Query::default();
    let name = c.matches.text("name");
    if !name.is_empty() {
        query.push("name", name);
    }
    if !platform.is_empty() {
        query.push("platform", platform.clone());
    }
    let answer = match (request(&client, &query, &body).await, &reference) {
        (Err(error), Some(reference)) if error.is_not_found() && pull == "missing" => {
            if quiet == Quiet::No {
                c.eprint(&format!("Unable to find image '{}' locally\n", reference.familiar())).await;
            }
            pull_image(&c.sys, &client, reference, &platform, Fd::STDERR, quiet).await.map_err(|f| f.text)?;
            request(&client, &query, &body).await
        }
        (answer, _) => answer,
    };
    let answer = answer.map_err(|e| e.to_string())?;
    for warning in texts(&answer, "Warnings") {
        c.eprint(&format!("WARNING: {warning}\n")).await;
    }
    Ok(text(&answer, "Id").to_string())
}

async fn request(client: &Client, query: &Query, body: &CreateBody) -> Result<serde_json::Value, ApiError> {
    client.json("POST", "/containers/create", query, Body::json(body)).await
}

/// The reference that an image argument means; `None` for an id.
fn named(image: &str) -> Result<Option<Reference>, String> {
    if docker_api::ids::is_full(image) || image.strip_prefix("sha256:").is_some_and(docker_api::ids::is_full) {
        return Ok(None);
    }
    Reference::parse(image).map(|r| Some(r.or_latest()))
}
