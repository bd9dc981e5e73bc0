//! `docker top`.

use docker_api::http::Query;
use serde_json::Value;

use crate::cli::{Args, Invocation, Outcome, Spec};
use crate::commands::common::{list, part, texts};
use crate::format::Table;

/// The command's table.
pub const SPEC: Spec = Spec {
    paths: &["container top", "top"],
    usage: "CONTAINER [ps OPTIONS]",
    short: "Display the running processes of a container",
    args: Args::AtLeast(1),
    interspersed: false,
    ..Spec::new(|c| Box::pin(run(c)))
};

async fn run(c: Invocation) -> Outcome {
    let (name, options) = (c.matches.arg(0), c.matches.args.get(1..).unwrap_or(&[]));
    let mut query = Query::default();
    if !options.is_empty() {
        query.push("ps_args", options.join(" "));
    }
    let answer = c.client().get(&format!("/containers/{}/top", part(name)), &query).await?;
    let mut out = texts(&answer, "Titles").join("\t") + "\n";
    for process in list(&answer, "Processes") {
        let cells: Vec<&str> = process.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        out.push_str(&cells.join("\t"));
        out.push('\n');
    }
    c.print(&Table::WIDE.layout(&out)).await;
    Ok(())
}
