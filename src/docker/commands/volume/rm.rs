//! `docker volume rm`.

use docker_api::http::Query;

use crate::api::Body;
use crate::cli::{Args, Invocation, Outcome, Spec, fail};
use crate::commands::common::part;

/// The command's table.
pub const SPEC: Spec = Spec {
    paths: &["volume rm", "volume remove"],
    usage: "[OPTIONS] VOLUME [VOLUME...]",
    short: "Remove one or more volumes",
    long: "Remove one or more volumes. You cannot remove a volume that is in use by a container.",
    flags: &[r"
f|force||Force the removal of one or more volumes
"],
    args: Args::AtLeast(1),
    ..Spec::new(|c| Box::pin(run(c)))
};

async fn run(c: Invocation) -> Outcome {
    let mut query = Query::default();
    if c.matches.on("force") {
        query.push("force", "1");
    }
    let mut errors = Vec::new();
    for name in &c.matches.args {
        match c.client().send("DELETE", &format!("/volumes/{}", part(name)), &query, Body::None).await {
            Ok(_) => c.println(name).await,
            Err(error) => errors.push(error.to_string()),
        }
    }
    if errors.is_empty() { Ok(()) } else { fail(errors.join("\n")) }
}
