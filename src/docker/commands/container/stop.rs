//! `docker stop`.

use docker_api::http::Query;

use crate::cli::{Args, Invocation, Outcome, Spec};
use crate::commands::common::{check_name, for_each, part};

/// The command's table.
pub const SPEC: Spec = Spec {
    paths: &["container stop", "stop"],
    usage: "[OPTIONS] CONTAINER [CONTAINER...]",
    short: "Stop one or more running containers",
    flags: &[r"
s|signal|string|Signal to send to the container
t|timeout|int|Seconds to wait before killing the container
|~time=timeout|int|use --timeout instead
"],
    args: Args::AtLeast(1),
    ..Spec::new(|c| Box::pin(run(c)))
};

async fn run(c: Invocation) -> Outcome {
    let mut query = Query::default();
    if let Some(signal) = c.matches.given("signal").filter(|s| !s.is_empty()) {
        query.push("signal", signal);
    }
    if let Some(seconds) = c.matches.given("timeout") {
        query.push("t", seconds);
    }
    for_each(&c, |client, name| {
        let query = query.clone();
        async move {
            check_name(&name)?;
            client.post(&format!("/containers/{}/stop", part(&name)), &query).await
        }
    })
    .await
}
