//! `docker volume inspect`.

use crate::cli::{Args, Invocation, Outcome, Spec};
use crate::commands::common::OBJECT_FORMAT;
use crate::commands::objects::{Kind, inspect_kind};

/// The command's table.
pub const SPEC: Spec = Spec {
    paths: &["volume inspect"],
    usage: "[OPTIONS] VOLUME [VOLUME...]",
    short: "Display detailed information on one or more volumes",
    flags: &[OBJECT_FORMAT],
    args: Args::AtLeast(1),
    ..Spec::new(|c| Box::pin(run(c)))
};

async fn run(c: Invocation) -> Outcome {
    inspect_kind(c, Kind::Volume).await
}
