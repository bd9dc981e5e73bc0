//! `docker container prune`.

use docker_api::http::Query;
use docker_api::units::human_size;

use crate::api::Body;
use crate::cli::{Failure, Invocation, Outcome, Spec};
use crate::commands::common::{add_filters, confirm, filters, int, texts};

/// The command's table.
pub const SPEC: Spec = Spec {
    paths: &["container prune"],
    usage: "[OPTIONS]",
    short: "Remove all stopped containers",
    flags: &[r#"
|filter|filter|Provide filter values (e.g. "until=<timestamp>")
f|force||Do not prompt for confirmation
"#],
    ..Spec::new(|c| Box::pin(run(c)))
};

const WARNING: &str = "WARNING! This will remove all stopped containers.\nAre you sure you want to continue?";

async fn run(c: Invocation) -> Outcome {
    if !c.matches.on("force") && !confirm(&c, WARNING).await? {
        return Ok(());
    }
    let (space, output) = prune(&c).await?;
    c.print(&output).await;
    c.println(&format!("Total reclaimed space: {}", human_size(space as f64))).await;
    Ok(())
}

/// Prunes: the bytes freed, and the text that tells what was deleted.
pub async fn prune(c: &Invocation) -> Result<(i64, String), Failure> {
    let mut query = Query::default();
    add_filters(&mut query, &filters(c));
    let report = c.client().json("POST", "/containers/prune", &query, Body::None).await?;
    let deleted = texts(&report, "ContainersDeleted");
    let mut out = String::new();
    if !deleted.is_empty() {
        out = format!("Deleted Containers:\n{}\n\n", deleted.join("\n"));
    }
    Ok((int(&report, "SpaceReclaimed"), out))
}
