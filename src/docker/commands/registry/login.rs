//! `docker login`.

use crate::cli::{Args, Invocation, Outcome, Spec, fail};

/// The command's table.
pub const SPEC: Spec = Spec {
    paths: &["login"],
    usage: "[OPTIONS] [SERVER]",
    short: "Authenticate to a registry",
    long: r"Authenticate to a registry.
Defaults to Docker Hub if no server is specified.",
    flags: &[r"
p|password|string|Password or Personal Access Token (PAT)
|password-stdin||Take the Password or Personal Access Token (PAT) from stdin
u|username|string|Username
"],
    args: Args::AtMost(1),
    ..Spec::new(|c| Box::pin(run(c)))
};

async fn run(_c: Invocation) -> Outcome {
    fail("drydock: logging in to a registry is not emulated here")
}
