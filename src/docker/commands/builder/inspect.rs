//! `docker buildx inspect`.

use crate::cli::{Args, Invocation, Outcome, Spec, fail};

/// The command's table.
pub const SPEC: Spec = Spec {
    paths: &["buildx inspect", "~builder inspect"],
    shown: "buildx inspect",
    usage: "[NAME]",
    short: "Inspect current builder instance",
    flags: &[r"
|bootstrap||Ensure builder has booted before inspecting
|builder|string|Override the configured builder instance
D|debug||Enable debug logging
"],
    args: Args::AtMost(1),
    ..Spec::new(|c| Box::pin(run(c)))
};

async fn run(c: Invocation) -> Outcome {
    let name = c.matches.arg(0);
    if !matches!(name, "" | "default") {
        return fail(format!("ERROR: no builder {} found", docker_api::text_quote(name)));
    }
    c.print(
        "Name:   default\nDriver: docker\n\nNodes:\nName:             default\nEndpoint:         default\nStatus:           running\n\
         BuildKit version: v0.25.1\nPlatforms:        linux/amd64, linux/amd64/v2, linux/amd64/v3, linux/amd64/v4, linux/386\n",
    )
    .await;
    Ok(())
}
