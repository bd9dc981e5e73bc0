//! `docker context show`.

use crate::cli::{Invocation, Outcome, Spec};

/// The command's table.
pub const SPEC: Spec = Spec {
    paths: &["context show"],
    short: "Print the name of the current context",
    ..Spec::new(|c| Box::pin(run(c)))
};

async fn run(c: Invocation) -> Outcome {
    c.println(&c.context).await;
    Ok(())
}
