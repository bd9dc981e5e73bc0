//! `docker image prune`.

use docker_api::http::Query;
use docker_api::units::human_size;

use crate::api::Body;
use crate::cli::{Failure, Invocation, Outcome, Spec};
use crate::commands::common::{confirm, filters, int, list, text};

/// The command's table.
pub const SPEC: Spec = Spec {
    paths: &["image prune"],
    usage: "[OPTIONS]",
    short: "Remove unused images",
    flags: &[r#"
a|all||Remove all unused images, not just dangling ones
|filter|filter|Provide filter values (e.g. "until=<timestamp>")
f|force||Do not prompt for confirmation
"#],
    ..Spec::new(|c| Box::pin(run(c)))
};

async fn run(c: Invocation) -> Outcome {
    let all = c.matches.on("all");
    let warning = if all {
        "WARNING! This will remove all images without at least one container associated to them."
    } else {
        "WARNING! This will remove all dangling images."
    };
    if !c.matches.on("force") && !confirm(&c, &format!("{warning}\nAre you sure you want to continue?")).await? {
        return Ok(());
    }
    let (space, output) = prune(&c, all).await?;
    c.print(&output).await;
    c.println(&format!("Total reclaimed space: {}", human_size(space as f64))).await;
    Ok(())
}

/// Prunes: the bytes freed, and the text that tells what was deleted.
pub async fn prune(c: &Invocation, all: bool) -> Result<(i64, String), Failure> {
    let mut filters = filters(c);
    filters.add("dangling", if all { "false" } else { "true" });
    let mut query = Query::default();
    query.push("filters", filters.to_json());
    let report = c.client().json("POST", "/images/prune", &query, Body::None).await?;
    let mut out = String::new();
    for item in list(&report, "ImagesDeleted") {
        match text(item, "Untagged") {
            "" => out.push_str(&format!("deleted: {}\n", text(item, "Deleted"))),
            name => out.push_str(&format!("untagged: {name}\n")),
        }
    }
    if !out.is_empty() {
        out = format!("Deleted Images:\n{out}\n");
    }
    Ok((int(&report, "SpaceReclaimed"), out))
}
