//! `docker network prune`.

use docker_api::http::Query;

use crate::api::Body;
use crate::cli::{Failure, Invocation, Outcome, Spec};
use crate::commands::common::{add_filters, confirm, filters, texts};

/// The command's table.
pub const SPEC: Spec = Spec {
    paths: &["network prune"],
    usage: "[OPTIONS]",
    short: "Remove all unused networks",
    flags: &[r#"
|filter|filter|Provide filter values (e.g. "until=<timestamp>")
f|force||Do not prompt for confirmation
"#],
    ..Spec::new(|c| Box::pin(run(c)))
};

const WARNING: &str = "WARNING! This will remove all custom networks not used by at least one container.\n\
                       Are you sure you want to continue?";

async fn run(c: Invocation) -> Outcome {
    if !c.matches.on("force") && !confirm(&c, WARNING).await? {
        return Ok(());
    }
    let output = prune(&c).await?;
    c.print(&output).await;
    Ok(())
}

/// Prunes: the text that tells what was deleted.
pub async fn prune(c: &Invocation) -> Result<String, Failure> {
    let mut query = Query::default();
    add_filters(&mut query, &filters(c));
    let report = c.client().json("POST", "/networks/prune", &query, Body::None).await?;
    let deleted = texts(&report, "NetworksDeleted");
    Ok(if deleted.is_empty() { String::new() } else { format!("Deleted Networks:\n{}\n\n", deleted.join("\n")) })
}
