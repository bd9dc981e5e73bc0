//! `docker commit`.

use docker_api::http::Query;
use docker_api::reference::Reference;
use serde_json::json;

use crate::api::Body;
use crate::cli::{Args, Invocation, Outcome, Spec, fail};
use crate::commands::common::text;

/// The command's table.
pub const SPEC: Spec = Spec {
    paths: &["container commit", "commit"],
    usage: "[OPTIONS] CONTAINER [REPOSITORY[:TAG]]",
    short: "Create a new image from a container's changes",
    flags: &[r#"
a|author|string|Author (e.g., "John Hannibal Smith <hannibal@a-team.com>")
c|change|list|Apply Dockerfile instruction to the created image
m|message|string|Commit message
p|pause||Pause container during commit (default true)
"#],
    args: Args::Range(1, 2),
    ..Spec::new(|c| Box::pin(run(c)))
};

async fn run(c: Invocation) -> Outcome {
    let m = &c.matches;
    let mut query = Query::default();
    query.push("container", m.arg(0));
    if !m.arg(1).is_empty() {
        let reference = Reference::parse(m.arg(1))?;
        if reference.digest.is_some() {
            return fail("cannot commit to digest reference");
        }
        let reference = reference.or_latest();
        query.push("repo", reference.name());
        query.push("tag", reference.tag.unwrap_or_default());
    }
    query.push("comment", m.text("message"));
    query.push("author", m.text("author"));
    for change in m.all("change") {
        query.push("changes", change);
    }
    if !m.on("pause") {
        query.push("pause", "0");
    }
    let answer = c.client().json("POST", "/commit", &query, Body::json(&json!({}))).await?;
    c.println(text(&answer, "Id")).await;
    Ok(())
}
