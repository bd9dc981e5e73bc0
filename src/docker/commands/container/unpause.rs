//! `docker unpause`.

use docker_api::http::Query;

use crate::cli::{Args, Invocation, Outcome, Spec};
use crate::commands::common::{check_name, for_each, part};

/// The command's table.
pub const SPEC: Spec = Spec {
    paths: &["container unpause", "unpause"],
    usage: "CONTAINER [CONTAINER...]",
    short: "Unpause all processes within one or more containers",
    args: Args::AtLeast(1),
    ..Spec::new(|c| Box::pin(run(c)))
};

async fn run(c: Invocation) -> Outcome {
    for_each(&c, |client, name| async move {
        check_name(&name)?;
        client.post(&format!("/containers/{}/unpause", part(&name)), &Query::default()).await
    })
    .await
}
