//! `docker logout`.

use crate::cli::{Args, Invocation, Outcome, Spec};

/// The command's table.
pub const SPEC: Spec = Spec {
    paths: &["logout"],
    usage: "[SERVER]",
    short: "Log out from a registry",
    long: r"Log out from a registry.
If no server is specified, the default is defined by the daemon.",
    args: Args::AtMost(1),
    ..Spec::new(|c| Box::pin(run(c)))
};

const HUB: &str = "https://index.docker.io/v1/";

async fn run(c: Invocation) -> Outcome {
    // Nobody can be logged in, so there is nothing to remove; the message is the same either way.
    let server = match c.matches.arg(0) {
        "" => HUB,
        named => named,
    };
    c.println(&format!("Removing login credentials for {server}")).await;
    Ok(())
}
