//! `docker network inspect`.

use crate::cli::{Args, Invocation, Outcome, Spec};
use crate::commands::common::OBJECT_FORMAT;
use crate::commands::objects::{Kind, inspect_kind};

/// The command's table.
pub const SPEC: Spec = Spec {
    paths: &["network inspect"],
    usage: "[OPTIONS] NETWORK [NETWORK...]",
    short: "Display detailed information on one or more networks",
    flags: &[
        OBJECT_FORMAT,
        r"
v|verbose||Verbose output for diagnostics
",
    ],
    args: Args::AtLeast(1),
    ..Spec::new(|c| Box::pin(run(c)))
};

async fn run(c: Invocation) -> Outcome {
    inspect_kind(c, Kind::Network).await
}
