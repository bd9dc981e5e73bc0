//! `docker export`.

use docker_api::http::Query;

use crate::api::Body;
use crate::cli::{Args, Invocation, Outcome, Spec, fail};
use crate::commands::common::part;
use crate::commands::output::{check_path, save};

/// The command's table.
pub const SPEC: Spec = Spec {
    paths: &["container export", "export"],
    usage: "[OPTIONS] CONTAINER",
    short: "Export a container's filesystem as a tar archive",
    flags: &[r"
o|output|string|Write to a file, instead of STDOUT
"],
    args: Args::Exactly(1),
    ..Spec::new(|c| Box::pin(run(c)))
};

async fn run(c: Invocation) -> Outcome {
    let output = c.matches.text("output");
    if output.is_empty() && c.sys.isatty(machine::Fd::STDOUT) {
        return fail("cowardly refusing to save to a terminal. Use the -o flag or redirect");
    }
    check_path(&c.sys, &output).map_err(|why| format!("failed to export container: {why}"))?;
    let path = format!("/containers/{}/export", part(c.matches.arg(0)));
    let mut response = c.client().send("GET", &path, &Query::default(), Body::None).await?;
    Ok(save(&c.sys, &output, &mut response).await?)
}
