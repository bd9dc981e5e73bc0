//! `docker rm`.

use docker_api::http::Query;

use crate::api::{ApiError, Body};
use crate::cli::{Args, Invocation, Outcome, Spec, fail};
use crate::commands::common::{for_each_errors, part};

/// The command's table.
pub const SPEC: Spec = Spec {
    paths: &["container rm", "container remove", "rm"],
    usage: "[OPTIONS] CONTAINER [CONTAINER...]",
    short: "Remove one or more containers",
    flags: &[r"
f|force||Force the removal of a running container (uses SIGKILL)
l|link||Remove the specified link
v|volumes||Remove anonymous volumes associated with the container
"],
    args: Args::AtLeast(1),
    ..Spec::new(|c| Box::pin(run(c)))
};

async fn run(c: Invocation) -> Outcome {
    let mut query = Query::default();
    for (flag, parameter) in [("volumes", "v"), ("link", "link"), ("force", "force")] {
        if c.matches.on(flag) {
            query.push(parameter, "1");
        }
    }
    let errors = for_each_errors(&c, |client, name| {
        let query = query.clone();
        async move {
            let name = name.trim_matches('/').to_string();
            if name.is_empty() {
                return Err(ApiError::Broken("container name cannot be empty".to_string()));
            }
            let answer = client.send("DELETE", &format!("/containers/{}", part(&name)), &query, Body::None).await;
            answer.map(|_| ())
        }
    })
    .await;
    if errors.is_empty() {
        return Ok(());
    }
    // With --force a container that is not there is no failure, but is told.
    if c.matches.on("force") && errors.iter().all(|e| e.contains("No such container")) {
        c.eprint(&format!("{}\n", errors.join("\n"))).await;
        return Ok(());
    }
    fail(errors.join("\n"))
}
