//! `docker rename`.

use docker_api::http::Query;

use crate::cli::{Args, Invocation, Outcome, Spec, fail};
use crate::commands::common::part;

/// The command's table.
pub const SPEC: Spec = Spec {
    paths: &["container rename", "rename"],
    usage: "CONTAINER NEW_NAME",
    short: "Rename a container",
    args: Args::Exactly(2),
    ..Spec::new(|c| Box::pin(run(c)))
};

async fn run(c: Invocation) -> Outcome {
    let (old, new) = (c.matches.arg(0).trim(), c.matches.arg(1).trim());
    if old.is_empty() || new.is_empty() {
        return fail("Error: Neither old nor new names may be empty");
    }
    let mut query = Query::default();
    query.push("name", new);
    match c.client().post(&format!("/containers/{}/rename", part(old)), &query).await {
        Ok(()) => Ok(()),
        Err(error) => {
            c.eprint(&format!("{error}\n")).await;
            fail(format!("Error: failed to rename container named {old}"))
        }
    }
}
