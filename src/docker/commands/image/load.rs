//! `docker load`.

use docker_api::http::{Query, TAR};
use machine::Fd;

use super::pull::show_messages;
use crate::api::Body;
use crate::cli::{Invocation, Outcome, Spec, fail};
use crate::commands::common::read_archive;

/// The command's table.
pub const SPEC: Spec = Spec {
    paths: &["image load", "load"],
    usage: "[OPTIONS]",
    short: "Load an image from a tar archive or STDIN",
    flags: &[r#"
i|input|string|Read from tar archive file, instead of STDIN
|platform|string|Load only the given platform variant. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")
q|quiet||Suppress the load output
"#],
    ..Spec::new(|c| Box::pin(run(c)))
};

const MAX_INPUT: usize = 1024 * 1024 * 1024;

async fn run(c: Invocation) -> Outcome {
    let input = c.matches.text("input");
    let data = if input.is_empty() {
        if c.sys.isatty(Fd::STDIN) {
            return fail("requested load from stdin, but stdin is empty");
        }
        c.sys.read_to_end(Fd::STDIN, MAX_INPUT).await.map_err(|e| e.message().to_lowercase())?
    } else {
        read_archive(&c.sys, &input).await?
    };
    let mut query = Query::default();
    let quiet = c.matches.on("quiet") || !c.sys.isatty(Fd::STDOUT);
    query.push("quiet", if quiet { "1" } else { "0" });
    let response = c.client().send("POST", "/images/load", &query, Body::Bytes(TAR, data)).await?;
    show_messages(&c.sys, response, Some(Fd::STDOUT)).await
}
