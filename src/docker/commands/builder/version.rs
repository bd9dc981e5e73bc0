//! `docker buildx version`.

use crate::cli::{Invocation, Outcome, Spec};
use crate::commands::BUILDX_VERSION;

/// The command's table.
pub const SPEC: Spec = Spec {
    paths: &["buildx version", "~builder version"],
    shown: "buildx version",
    short: "Show buildx version information",
    flags: &[r"
D|debug||Enable debug logging
"],
    ..Spec::new(|c| Box::pin(run(c)))
};

async fn run(c: Invocation) -> Outcome {
    c.println(&format!("github.com/docker/buildx {BUILDX_VERSION} {BUILDX_COMMIT}")).await;
    Ok(())
}

const BUILDX_COMMIT: &str = "a32761aeb3debd39be1eca514af3693af0db334b";
