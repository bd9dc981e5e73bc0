//! `docker kill`.

use docker_api::http::Query;

use crate::cli::{Args, Invocation, Outcome, Spec};
use crate::commands::common::{check_name, for_each, part};

/// The command's table.
pub const SPEC: Spec = Spec {
    paths: &["container kill", "kill"],
    usage: "[OPTIONS] CONTAINER [CONTAINER...]",
    short: "Kill one or more running containers",
    flags: &[r"
s|signal|string|Signal to send to the container
"],
    args: Args::AtLeast(1),
    ..Spec::new(|c| Box::pin(run(c)))
};

async fn run(c: Invocation) -> Outcome {
    let signal = c.matches.text("signal");
    for_each(&c, |client, name| {
        let mut query = Query::default();
        if !signal.is_empty() {
            query.push("signal", signal.clone());
        }
        async move {
            check_name(&name)?;
            client.post(&format!("/containers/{}/kill", part(&name)), &query).await
        }
    })
    .await
}
