//! `docker pull`, and the pulling that other commands need.

use docker_api::http::Query;
use docker_api::reference::Reference;
use docker_api::types::JsonMessage;
use machine::{Fd, Sys};

use crate::api::{ApiError, Body, Client, JsonLines, Response};
use crate::cli::{Args, Failure, Invocation, Outcome, Spec, fail, write_out};
use crate::commands::common::terminal_width;
use crate::progress::Messages;

/// The command's table.
pub const SPEC: Spec = Spec {
    paths: &["image pull", "pull"],
    usage: "[OPTIONS] NAME[:TAG|@DIGEST]",
    short: "Download an image from a registry",
    flags: &[r"
a|all-tags||Download all tagged images in the repository
|disable-content-trust||Skip image verification (default true)
|platform|string|Set platform if server is multi-platform capable
q|quiet||Suppress verbose output
"],
    args: Args::Exactly(1),
    ..Spec::new(|c| Box::pin(run(c)))
};

/// Whether progress is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Quiet {
    /// Nothing is shown.
    Yes,
    /// Progress is shown.
    No,
}

async fn run(c: Invocation) -> Outcome {
    let mut reference = Reference::parse(c.matches.arg(0))?;
    let all = c.matches.on("all-tags");
    let named_only = reference.tag.is_none() && reference.digest.is_none();
    if all && !named_only {
        return fail("tag can't be used with --all-tags/-a");
    }
    let quiet = if c.matches.on("quiet") { Quiet::Yes } else { Quiet::No };
    if !all && named_only {
        reference = reference.or_latest();
        if quiet == Quiet::No {
            c.println("Using default tag: latest").await;
        }
    }
    pull_image(&c.sys, &c.client(), &reference, &c.matches.text("platform"), Fd::STDOUT, quiet).await?;
    c.println(&reference.to_string()).await;
    Ok(())
}

/// Pulls an image and shows the progress on `out`.
pub async fn pull_image(
    sys: &Sys,
    client: &Client,
    reference: &Reference,
    platform: &str,
    out: Fd,
    quiet: Quiet,
) -> Outcome {
    let mut query = Query::default();
    query.push("fromImage", reference.name());
    match (&reference.digest, &reference.tag) {
        (Some(digest), _) => query.push("tag", digest.clone()),
        (None, Some(tag)) => query.push("tag", tag.clone()),
        (None, None) => {}
    }
    if !platform.is_empty() {
        query.push("platform", platform);
    }
    let response = client.send("POST", "/images/create", &query, Body::None).await?;
    let shown = if quiet == Quiet::Yes { None } else { Some(out) };
    show_messages(sys, response, shown).await
}

/// Shows a stream of progress messages on `out`, or reads it silently; an error in it is the failure.
pub async fn show_messages(sys: &Sys, response: Response, out: Option<Fd>) -> Outcome {
    let mut messages = Messages::new(out.and_then(|fd| terminal_width(sys, fd)));
    let mut lines = JsonLines::new(response);
    while let Some(line) = lines.next().await? {
        let message: JsonMessage = serde_json::from_slice(&line)
            .map_err(|e| Failure::from(ApiError::Broken(format!("unexpected message: {e}"))))?;
        let text = messages.show(&message).map_err(Failure::from)?;
        if let Some(fd) = out {
            write_out(sys, fd, text.as_bytes()).await;
        }
    }
    Ok(())
}
