//! `docker image inspect`.

use crate::cli::{Args, Invocation, Outcome, Spec};
use crate::commands::common::OBJECT_FORMAT;
use crate::commands::objects::{Kind, inspect_kind};

/// The command's table.
pub const SPEC: Spec = Spec {
    paths: &["image inspect"],
    usage: "[OPTIONS] IMAGE [IMAGE...]",
    short: "Display detailed information on one or more images",
    flags: &[
        OBJECT_FORMAT,
        r"
|platform|string|Inspect a specific platform of the multi-platform image.
 If the image or the server is not multi-platform capable, the command will error out if the platform does not match.
 'os[/arch[/variant]]': Explicit platform (eg. linux/amd64)
",
    ],
    args: Args::AtLeast(1),
    ..Spec::new(|c| Box::pin(run(c)))
};

async fn run(c: Invocation) -> Outcome {
    inspect_kind(c, Kind::Image).await
}
