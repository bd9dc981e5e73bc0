//! `docker diff`.

use docker_api::http::Query;

use crate::cli::{Args, Invocation, Outcome, Spec, fail};
use crate::commands::common::{int, part, text};

/// The command's table.
pub const SPEC: Spec = Spec {
    paths: &["container diff", "diff"],
    usage: "CONTAINER",
    short: "Inspect changes to files or directories on a container's filesystem",
    args: Args::Exactly(1),
    ..Spec::new(|c| Box::pin(run(c)))
};

async fn run(c: Invocation) -> Outcome {
    let name = c.matches.arg(0);
    if name.is_empty() {
        return fail("invalid container name or ID: value is empty");
    }
    let answer = c.client().get(&format!("/containers/{}/changes", part(name)), &Query::default()).await?;
    for change in answer.as_array().into_iter().flatten() {
        let kind = match int(change, "Kind") {
            0 => 'C',
            1 => 'A',
            _ => 'D',
        };
        c.println(&format!("{kind} {}", text(change, "Path"))).await;
    }
    Ok(())
}
