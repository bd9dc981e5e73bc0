//! `docker buildx build`.

use super::build::{FLAGS, run};
use crate::cli::{Args, Spec};

/// The command's table.
pub const SPEC: Spec = Spec {
    paths: &["buildx build"],
    shown: "buildx build",
    aliases: "docker build, docker builder build, docker image build, docker buildx b",
    usage: "[OPTIONS] PATH | URL | -",
    short: "Start a build",
    flags: &[FLAGS],
    args: Args::Exactly(1),
    ..Spec::new(|c| Box::pin(run(c)))
};
