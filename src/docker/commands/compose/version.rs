//! `docker compose version`.

use crate::cli::{Invocation, Outcome, Spec};
use crate::commands::COMPOSE_VERSION;

/// The command's table.
pub const SPEC: Spec = Spec {
    paths: &["compose version"],
    usage: "[OPTIONS]",
    short: "Show the Docker Compose version information",
    flags: &[r"
|dry-run||Execute command in dry run mode
f|format|string|Format the output. Values: [pretty | json]. (Default: pretty)
|short||Shows only Compose's version number
"],
    ..Spec::new(|c| Box::pin(run(c)))
};

async fn run(c: Invocation) -> Outcome {
    let short = c.matches.on("short");
    match c.matches.text("format").as_str() {
        "json" => c.println(&format!("{{\"version\":\"{COMPOSE_VERSION}\"}}")).await,
        _ if short => c.println(COMPOSE_VERSION).await,
        _ => c.println(&format!("Docker Compose version {COMPOSE_VERSION}")).await,
    }
    Ok(())
}
