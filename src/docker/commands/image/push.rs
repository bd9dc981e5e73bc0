//! `docker push`.

use docker_api::http::Query;
use docker_api::reference::Reference;
use machine::Fd;

use super::pull::show_messages;
use crate::api::Body;
use crate::cli::{Args, Invocation, Outcome, Spec, fail};
use crate::commands::common::part;

/// The command's table.
pub const SPEC: Spec = Spec {
    paths: &["image push", "push"],
    usage: "[OPTIONS] NAME[:TAG]",
    short: "Upload an image to a registry",
    flags: &[r"
a|all-tags||Push all tags of an image to the repository
|disable-content-trust||Skip image signing (default true)
|platform|string|Push a platform-specific manifest as a single-platform image to the registry. Image index won't be pushed, meaning that other manifests, including attestations won't be preserved.
 'os[/arch[/variant]]': Explicit platform (eg. linux/amd64)
q|quiet||Suppress verbose output
"],
    args: Args::Exactly(1),
    ..Spec::new(|c| Box::pin(run(c)))
};

async fn run(c: Invocation) -> Outcome {
    let mut reference = Reference::parse(c.matches.arg(0))?;
    let all = c.matches.on("all-tags");
    if all && reference.tag.is_some() {
        return fail("tag can't be used with --all-tags/-a");
    }
    if !all && reference.tag.is_none() {
        reference = reference.or_latest();
        if !c.matches.on("quiet") {
            c.println("Using default tag: latest").await;
        }
    }
    let mut query = Query::default();
    if let Some(tag) = &reference.tag {
        query.push("tag", tag.clone());
    }
    let path = format!("/images/{}/push", part(&reference.familiar_name()));
    let response = c.client().send("POST", &path, &query, Body::None).await?;
    let quiet = c.matches.on("quiet");
    show_messages(&c.sys, response, (!quiet).then_some(Fd::STDOUT)).await?;
    if quiet {
        c.println(&reference.to_string()).await;
    }
    Ok(())
}
