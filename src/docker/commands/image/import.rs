//! `docker import`.

use docker_api::http::{Query, TAR};
use docker_api::reference::Reference;
use machine::Fd;

use super::pull::show_messages;
use crate::api::Body;
use crate::cli::{Args, Invocation, Outcome, Spec, fail};
use crate::commands::common::read_archive;

/// The command's table.
pub const SPEC: Spec = Spec {
    paths: &["image import", "import"],
    usage: "[OPTIONS] file|URL|- [REPOSITORY[:TAG]]",
    short: "Import the contents from a tarball to create a filesystem image",
    flags: &[r"
c|change|list|Apply Dockerfile instruction to the created image
m|message|string|Set commit message for imported image
|platform|string|Set platform if server is multi-platform capable
"],
    args: Args::AtLeast(1),
    ..Spec::new(|c| Box::pin(run(c)))
};

const MAX_INPUT: usize = 1024 * 1024 * 1024;

async fn run(c: Invocation) -> Outcome {
    let m = &c.matches;
    let source = m.arg(0);
    if source.contains("://") {
        return fail("drydock: importing from a URL is not emulated here");
    }
    let data = match source {
        "-" => c.sys.read_to_end(Fd::STDIN, MAX_INPUT).await.map_err(|e| e.message().to_lowercase())?,
        path => read_archive(&c.sys, path).await?,
    };
    let mut query = Query::default();
    query.push("fromSrc", "-");
    if !m.arg(1).is_empty() {
        let reference = Reference::parse(m.arg(1))?;
        query.push("repo", reference.name());
        query.push("tag", reference.tag.unwrap_or_default());
    }
    query.push("message", m.text("message"));
    for change in m.all("change") {
        query.push("changes", change);
    }
    let response = c.client().send("POST", "/images/create", &query, Body::Bytes(TAR, data)).await?;
    show_messages(&c.sys, response, Some(Fd::STDOUT)).await
}
