//! `docker network disconnect`.

use docker_api::http::Query;
use docker_api::types::NetworkDisconnect;

use crate::cli::{Args, Invocation, Outcome, Spec};
use crate::commands::common::part;

/// The command's table.
pub const SPEC: Spec = Spec {
    paths: &["network disconnect"],
    usage: "[OPTIONS] NETWORK CONTAINER",
    short: "Disconnect a container from a network",
    flags: &[r"
f|force||Force the container to disconnect from a network
"],
    args: Args::Exactly(2),
    ..Spec::new(|c| Box::pin(run(c)))
};

async fn run(c: Invocation) -> Outcome {
    let body = NetworkDisconnect { container: c.matches.arg(1).to_string(), force: c.matches.on("force") };
    let path = format!("/networks/{}/disconnect", part(c.matches.arg(0)));
    c.client().post_json(&path, &Query::default(), &body).await?;
    Ok(())
}
