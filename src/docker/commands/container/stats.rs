//! `docker stats`.

use docker_api::http::Query;

use super::stats_rows::{listing, names, row};
use crate::cli::{Args, Invocation, Outcome, Spec, fail};
use crate::commands::common::{TABLE_FORMAT, part};
use crate::term::join_all;

/// The command's table.
pub const SPEC: Spec = Spec {
    paths: &["container stats", "stats"],
    usage: "[OPTIONS] [CONTAINER...]",
    short: "Display a live stream of container(s) resource usage statistics",
    flags: &[
        TABLE_FORMAT,
        r"
a|all||Show all containers (default shows just running)
|no-stream||Disable streaming stats and only pull the first result
|no-trunc||Do not truncate output
",
    ],
    args: Args::Any,
    ..Spec::new(|c| Box::pin(run(c)))
};

async fn run(c: Invocation) -> Outcome {
    if !c.matches.on("no-stream") {
        return super::stats_live::run(&c).await;
    }
    let names = names(&c).await?;
    let one = |name: String| {
        let client = c.client();
        async move {
            let mut query = Query::default();
            query.push("stream", "0");
            (client.get(&format!("/containers/{}/stats", part(&name)), &query).await, name)
        }
    };
    let mut rows = Vec::new();
    for (answer, name) in join_all(names.into_iter().map(one).collect()).await {
        match answer {
            Ok(stats) => rows.push(row(&stats, &name, c.matches.on("no-trunc"))),
            Err(error) => return fail(error.to_string()),
        }
    }
    c.print(&listing(rows).render(&c.matches.text("format"))?).await;
    Ok(())
}
