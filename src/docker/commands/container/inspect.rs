//! `docker container inspect`.

use crate::cli::{Args, Invocation, Outcome, Spec};
use crate::commands::common::OBJECT_FORMAT;
use crate::commands::objects::{Kind, inspect_kind};

/// The command's table.
pub const SPEC: Spec = Spec {
    paths: &["container inspect"],
    usage: "[OPTIONS] CONTAINER [CONTAINER...]",
    short: "Display detailed information on one or more containers",
    flags: &[
        OBJECT_FORMAT,
        r"
s|size||Display total file sizes
",
    ],
    args: Args::AtLeast(1),
    ..Spec::new(|c| Box::pin(run(c)))
};

async fn run(c: Invocation) -> Outcome {
    inspect_kind(c, Kind::Container).await
}
