//! `docker network rm`.

use docker_api::http::Query;

use crate::api::Body;
use crate::cli::{Args, Invocation, Outcome, Spec, fail};
use crate::commands::common::part;

/// The command's table.
pub const SPEC: Spec = Spec {
    paths: &["network rm", "network remove"],
    usage: "NETWORK [NETWORK...]",
    short: "Remove one or more networks",
    flags: &[r"
f|force||Do not error if the network does not exist
"],
    args: Args::AtLeast(1),
    ..Spec::new(|c| Box::pin(run(c)))
};

async fn run(c: Invocation) -> Outcome {
    let (force, mut failed) = (c.matches.on("force"), false);
    for name in &c.matches.args {
        match c.client().send("DELETE", &format!("/networks/{}", part(name)), &Query::default(), Body::None).await {
            Ok(_) => c.println(name).await,
            Err(error) if force && error.is_not_found() => {}
            Err(error) => {
                c.eprint(&format!("{error}\n")).await;
                failed = true;
            }
        }
    }
    if failed { fail("exit status 1") } else { Ok(()) }
}
