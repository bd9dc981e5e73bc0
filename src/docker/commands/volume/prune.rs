//! `docker volume prune`.

use docker_api::http::Query;
use docker_api::units::human_size;

use crate::api::Body;
use crate::cli::{Failure, Invocation, Outcome, Spec};
use crate::commands::common::{add_filters, confirm, filters, int, texts};

/// The command's table.
pub const SPEC: Spec = Spec {
    paths: &["volume prune"],
    usage: "[OPTIONS]",
    short: "Remove unused local volumes",
    flags: &[r#"
a|all||Remove all unused volumes, not just anonymous ones
|filter|filter|Provide filter values (e.g. "label=<label>")
f|force||Do not prompt for confirmation
"#],
    ..Spec::new(|c| Box::pin(run(c)))
};

async fn run(c: Invocation) -> Outcome {
    let all = c.matches.on("all");
    let warning = if all {
        "WARNING! This will remove all local volumes not used by at least one container."
    } else {
        "WARNING! This will remove anonymous local volumes not used by at least one container."
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
    if all {
        filters.add("all", "true");
    }
    let mut query = Query::default();
    add_filters(&mut query, &filters);
    let report = c.client().json("POST", "/volumes/prune", &query, Body::None).await?;
    let deleted = texts(&report, "VolumesDeleted");
    let mut out = String::new();
    if !deleted.is_empty() {
        out = format!("Deleted Volumes:\n{}\n\n", deleted.join("\n"));
    }
    Ok((int(&report, "SpaceReclaimed"), out))
}
