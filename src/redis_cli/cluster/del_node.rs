//! `--cluster del-node`: lets all nodes forget an empty one.

use super::manager::{Level, Manager};
use super::node::Node;
use crate::console::Run;

/// Runs the subcommand.
pub async fn run(m: &mut Manager<'_>, arguments: &[String]) -> Run<bool> {
    let Some((host, port)) = m.host_argument(arguments.get(..1).unwrap_or_default()).await else { return Ok(false) };
    let id = arguments.get(1).cloned().unwrap_or_default();
    m.log(Level::Info, format!(">>> Removing node {id} from cluster {host}:{port}\n"));
    if !m.load_cluster(Node::new(&host, port)).await {
        return Ok(false);
    }
    let Some(gone) = m.by_name(&id) else {
        m.log(Level::Error, format!("[ERR] No such node ID {id}\n"));
        return Ok(false);
    };
    if m.nodes.get(gone).is_some_and(|n| n.slots_count != 0) {
        let text = format!("[ERR] Node {} is not empty! Reshard data away and try again.\n", m.address(gone));
        m.log(Level::Error, text);
        return Ok(false);
    }
    m.log(Level::Info, ">>> Sending CLUSTER FORGET messages to the cluster...\n");
    for place in 0..m.nodes.len() {
        if place == gone {
            continue;
        }
        let orphan = m.nodes.get(place).and_then(|n| n.replicate.as_ref()).is_some_and(|r| r.eq_ignore_ascii_case(&id));
        if orphan && let Some(master) = m.least_replicated() {
            let text = format!(">>> {} as replica of {}\n", m.address(place), m.address(master));
            m.log(Level::Info, text);
            let name = m.name(master);
            if m.ask_or_tell(place, &["CLUSTER", "REPLICATE", &name]).await.is_none() {
                return Ok(false);
            }
        }
        if m.ask_or_tell(place, &["CLUSTER", "FORGET", &id]).await.is_none() {
            return Ok(false);
        }
    }
    m.log(Level::Info, ">>> Sending CLUSTER RESET SOFT to the deleted node.\n");
    Ok(m.ask_or_tell(gone, &["CLUSTER", "RESET", "SOFT"]).await.is_some())
}
