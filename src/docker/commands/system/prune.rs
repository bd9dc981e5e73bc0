//! `docker system prune`.

use docker_api::units::human_size;

use crate::cli::{Invocation, Outcome, Spec, fail};
use crate::commands::common::confirm;
use crate::commands::{builder, container, image, network, volume};

/// The command's table.
pub const SPEC: Spec = Spec {
    paths: &["system prune"],
    usage: "[OPTIONS]",
    short: "Remove unused data",
    flags: &[r#"
a|all||Remove all unused images not just dangling ones
|filter|filter|Provide filter values (e.g. "label=<key>=<value>")
f|force||Do not prompt for confirmation
|volumes||Prune anonymous volumes
"#],
    ..Spec::new(|c| Box::pin(run(c)))
};

async fn run(c: Invocation) -> Outcome {
    let (all, volumes) = (c.matches.on("all"), c.matches.on("volumes"));
    if volumes && c.matches.all("filter").iter().any(|f| f.starts_with("until=")) {
        return fail("ERROR: The \"until\" filter is not supported with \"--volumes\"");
    }
    if !c.matches.on("force") && !confirm(&c, &warning(&c, all, volumes)).await? {
        return Ok(());
    }
    let mut space = 0;
    let (freed, output) = container::prune::prune(&c).await?;
    space += freed;
    c.print(&output).await;
    let output = network::prune::prune(&c).await?;
    c.print(&output).await;
    if volumes {
        let (freed, output) = volume::prune::prune(&c, false).await?;
        space += freed;
        c.print(&output).await;
    }
    let (freed, output) = image::prune::prune(&c, all).await?;
    space += freed;
    c.print(&output).await;
    let (freed, output) = builder::prune::prune(&c, all).await?;
    space += freed;
    c.print(&output).await;
    c.println(&format!("Total reclaimed space: {}", human_size(space as f64))).await;
    Ok(())
}

fn warning(c: &Invocation, all: bool, volumes: bool) -> String {
    let mut out =
        "WARNING! This will remove:\n  - all stopped containers\n  - all networks not used by at least one container\n"
            .to_string();
    if volumes {
        out.push_str("  - all anonymous volumes not used by at least one container\n");
    }
    out.push_str(if all {
        "  - all images without at least one container associated to them\n  - all build cache\n"
    } else {
        "  - all dangling images\n  - unused build cache\n"
    });
    let filters = c.matches.all("filter");
    if !filters.is_empty() {
        out.push_str("\n  Items to be pruned will be filtered with:\n");
        for filter in filters {
            out.push_str(&format!("  - {filter}\n"));
        }
    }
    out + "\nAre you sure you want to continue?"
}
