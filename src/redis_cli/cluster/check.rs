//! `--cluster check` and `--cluster fix`: do the nodes agree, are slots open, are all covered.

use super::manager::{Level, Manager, Step};
use super::slots::{SLOTS, SlotSet};
use super::{coverage, info, join, open_slots, owners};
use crate::console::Run;

/// Runs `check`.
pub async fn run(manager: &mut Manager<'_>, arguments: &[String]) -> Run<bool> {
    if !manager.load_named(arguments).await {
        return Ok(false);
    }
    info::show(manager).await;
    cluster(manager, false).await
}

/// Runs `fix`.
pub async fn fix(manager: &mut Manager<'_>, arguments: &[String]) -> Run<bool> {
    manager.fix = true;
    run(manager, arguments).await
}

/// Checks the cluster (and repairs it, for `fix`); quiet leaves the nodes out. True if all is well.
pub async fn cluster(manager: &mut Manager<'_>, quiet: bool) -> Step {
    let using = manager.address(0);
    manager.log(Level::Info, format!(">>> Performing Cluster Check (using node {using})\n"));
    if !quiet {
        manager.show_nodes();
    }
    let mut well = join::is_consistent(manager).await;
    if well {
        manager.log(Level::Ok, "[OK] All nodes agree about slots configuration.\n");
    } else {
        manager.problem("[ERR] Nodes don't agree about configuration!");
    }
    manager.log(Level::Info, ">>> Check for open slots...\n");
    let open = tell_open(manager);
    if !open.is_empty() {
        well = false;
        let list: Vec<String> = open.iter().map(ToString::to_string).collect();
        manager.log(Level::Error, format!("[WARNING] The following slots are open: {}.\n", list.join(",")));
        if manager.fix {
            for slot in open {
                well = open_slots::fix(manager, slot).await?;
                if !well {
                    break;
                }
            }
        }
    }
    manager.log(Level::Info, ">>> Check slots coverage...\n");
    let covered: SlotSet = manager.nodes.iter().flat_map(|n| n.slots.iter()).collect();
    if covered.iter().count() == SLOTS {
        manager.log(Level::Ok, format!("[OK] All {SLOTS} slots covered.\n"));
    } else {
        manager.problem(&format!("[ERR] Not all {SLOTS} slots are covered by nodes.\n"));
        well = manager.fix && coverage::fix(manager, &covered).await?;
    }
    if manager.options().search_owners {
        well &= owners::search(manager).await?;
    }
    Ok(well)
}

/// Tells which nodes have slots on the way, and gives those slots.
fn tell_open(manager: &mut Manager<'_>) -> Vec<usize> {
    let mut open = std::collections::BTreeSet::new();
    for place in 0..manager.nodes.len() {
        let Some(node) = manager.nodes.get(place) else { continue };
        let lists = [("migrating", node.migrating.clone()), ("importing", node.importing.clone())];
        for (state, slots) in lists.into_iter().filter(|(_, slots)| !slots.is_empty()) {
            let list: Vec<&str> = slots.iter().map(|(slot, _)| slot.as_str()).collect();
            let text =
                format!("[WARNING] Node {} has slots in {state} state {}.", manager.address(place), list.join(","));
            manager.problem(&text);
            open.extend(list.iter().map(|slot| crate::words::atoi(slot).max(0) as usize));
        }
    }
    open.into_iter().collect()
}
