//! `docker tag`.

use docker_api::http::Query;
use docker_api::reference::Reference;

use crate::cli::{Args, Invocation, Outcome, Spec, fail};
use crate::commands::common::part;

/// The command's table.
pub const SPEC: Spec = Spec {
    paths: &["image tag", "tag"],
    usage: "SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]",
    short: "Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE",
    args: Args::Exactly(2),
    ..Spec::new(|c| Box::pin(run(c)))
};

async fn run(c: Invocation) -> Outcome {
    let (source, target) = (c.matches.arg(0), c.matches.arg(1));
    let bad = |text: &str, why: String| {
        fail(format!("Error parsing reference: {} is not a valid repository/tag: {why}", docker_api::text_quote(text)))
    };
    if let Err(why) = Reference::parse(source)
        && !docker_api::ids::is_full(source)
    {
        return bad(source, why);
    }
    let reference = match Reference::parse(target) {
        Ok(reference) if reference.digest.is_some() => return fail("refusing to create a tag with a digest reference"),
        Ok(reference) => reference.or_latest(),
        Err(why) => return bad(target, why),
    };
    let mut query = Query::default();
    query.push("repo", reference.name());
    query.push("tag", reference.tag.clone().unwrap_or_default());
    c.client().post(&format!("/images/{}/tag", part(source)), &query).await?;
    Ok(())
}
