//! `docker builder prune`.

use docker_api::http::Query;
use docker_api::units::human_size;

use super::du::{last_used, records, shown_id};
use crate::api::Body;
use crate::cli::{Failure, Invocation, Outcome, Spec};
use crate::commands::common::{add_filters, confirm, filters, int, text, texts};

/// The command's table.
pub const SPEC: Spec = Spec {
    paths: &["buildx prune", "~builder prune"],
    shown: "buildx prune",
    short: "Remove build cache",
    flags: &[r"
a|all||Include internal/frontend images
|builder|string|Override the configured builder instance
D|debug||Enable debug logging
|filter|filter|Provide filter values
f|force||Do not prompt for confirmation
|max-used-space|bytes|Maximum amount of disk space allowed to keep for cache
|min-free-space|bytes|Target amount of free disk space after pruning
|reserved-space|bytes|Amount of disk space always allowed to keep for cache
|verbose||Provide a more verbose output
"],
    ..Spec::new(|c| Box::pin(run(c)))
};

/// The docker client's own `builder prune`, when buildx is not wanted.
pub const LEGACY: Spec = Spec {
    paths: &["builder prune"],
    short: "Remove build cache",
    flags: &[r#"
a|all||Remove all unused build cache, not just dangling ones
|filter|filter|Provide filter values (e.g. "until=24h")
f|force||Do not prompt for confirmation
|keep-storage|bytes|Amount of disk space to keep for cache
"#],
    ..Spec::new(|c| Box::pin(run_legacy(c)))
};

fn warning(all: bool) -> &'static str {
    if all {
        "WARNING! This will remove all build cache. Are you sure you want to continue?"
    } else {
        "WARNING! This will remove all dangling build cache. Are you sure you want to continue?"
    }
}

async fn run_legacy(c: Invocation) -> Outcome {
    let all = c.matches.on("all");
    if !c.matches.on("force") && !confirm(&c, warning(all)).await? {
        return Ok(());
    }
    let (space, text) = prune(&c, all).await?;
    c.print(&text).await;
    c.println(&format!("Total reclaimed space: {}", human_size(space as f64))).await;
    Ok(())
}

async fn run(c: Invocation) -> Outcome {
    let all = c.matches.on("all");
    if !c.matches.on("force") && !confirm(&c, warning(all)).await? {
        return Ok(());
    }
    let known = records(&c).await?;
    let (space, deleted) = request(&c, all).await?;
    if !deleted.is_empty() {
        c.println("ID\t\t\t\t\t\tRECLAIMABLE\tSIZE\t\tLAST ACCESSED").await;
        for record in deleted.iter().filter_map(|id| known.iter().find(|r| text(r, "ID") == id)) {
            let bytes = int(record, "Size");
            let (size, tab) = (human_size(bytes as f64), if bytes > 0 { "\t" } else { "" });
            let (id, used) = (shown_id(record), last_used(&c, record));
            c.println(&format!("{id:<40}\ttrue {tab}\t{size:<10}\t{used}")).await;
        }
    }
    c.println(&format!("Total:\t{}", human_size(space as f64))).await;
    Ok(())
}

async fn request(c: &Invocation, all: bool) -> Result<(i64, Vec<String>), Failure> {
    let mut query = Query::default();
    if all {
        query.push("all", "1");
    }
    add_filters(&mut query, &filters(c));
    let report = c.client().json("POST", "/build/prune", &query, Body::None).await?;
    Ok((int(&report, "SpaceReclaimed"), texts(&report, "CachesDeleted")))
}

/// Prunes: the bytes freed, and the text that tells what was deleted.
pub async fn prune(c: &Invocation, all: bool) -> Result<(i64, String), Failure> {
    let (space, deleted) = request(c, all).await?;
    let mut out = String::new();
    if !deleted.is_empty() {
        out = format!("Deleted build cache objects:\n{}\n\n", deleted.join("\n"));
    }
    Ok((space, out))
}
