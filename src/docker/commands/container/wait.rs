//! `docker wait`.

use docker_api::http::Query;
use serde_json::Value;

use crate::api::Body;
use crate::cli::{Args, Invocation, Outcome, Spec, fail};
use crate::commands::common::{check_name, int, part};

/// The command's table.
pub const SPEC: Spec = Spec {
    paths: &["container wait", "wait"],
    usage: "CONTAINER [CONTAINER...]",
    short: "Block until one or more containers stop, then print their exit codes",
    args: Args::AtLeast(1),
    ..Spec::new(|c| Box::pin(run(c)))
};

async fn run(c: Invocation) -> Outcome {
    let mut errors = Vec::new();
    for name in &c.matches.args {
        let path = format!("/containers/{}/wait", part(name));
        let answer = match check_name(name) {
            Ok(()) => c.client().json("POST", &path, &Query::default(), Body::None).await,
            Err(error) => Err(error),
        };
        match answer {
            Ok(value) => c.println(&int(&value, "StatusCode").to_string()).await,
            Err(error) => errors.push(error.to_string()),
        }
    }
    if errors.is_empty() { Ok(()) } else { fail(errors.join("\n")) }
}

/// Whether a wait's answer tells of an error of the daemon.
pub fn wait_error(value: &Value) -> Option<&str> {
    value.get("Error")?.get("Message")?.as_str().filter(|m| !m.is_empty())
}
