//! Do the nodes agree about who has which slots; waiting until they do.

use std::collections::BTreeMap;
use std::time::Duration;

use super::manager::{Level, Manager};
use super::node::parse_address;

/// Seconds of waiting after which nodes that cannot reach each other are told.
const CHECK_AFTER: usize = 20;

/// The slots of all nodes in a form that is equal where the nodes agree. `None` where no slot is assigned.
fn signature(nodes: &str) -> Option<String> {
    let mut lines = Vec::new();
    for line in nodes.split_terminator('\n') {
        let fields: Vec<&str> = line.splitn(9, ' ').collect();
        let [name, .., slots] = fields.as_slice() else { continue };
        if fields.len() != 9 {
            continue;
        }
        let mut slots: Vec<&str> = slots.split(' ').filter(|s| !s.is_empty() && !s.starts_with('[')).collect();
        if !slots.is_empty() {
            slots.sort_unstable();
            lines.push(format!("{name}:{}", slots.join(",")));
        }
    }
    lines.sort_unstable();
    (!lines.is_empty()).then(|| lines.join("|"))
}

/// Whether all nodes agree.
pub async fn is_consistent(manager: &mut Manager<'_>) -> bool {
    if manager.nodes.len() <= 1 {
        return true;
    }
    let mut first = None;
    for place in 0..manager.nodes.len() {
        let Ok(reply) = manager.ask(place, &["CLUSTER", "NODES"]).await else { return false };
        let Some(own) = signature(&reply.text().unwrap_or_default()) else { return false };
        if *first.get_or_insert_with(|| own.clone()) != own {
            return false;
        }
    }
    true
}

/// Waits until they do, with a dot each second.
pub async fn wait(manager: &mut Manager<'_>) {
    manager.out().print("Waiting for the cluster to join\n");
    let patience = CHECK_AFTER + (manager.nodes.len() as f32 * 0.15) as usize;
    let mut seconds = 0;
    while !is_consistent(manager).await {
        manager.out().print(".");
        manager.out().flush().await;
        _ = manager.sys().sleep(Duration::from_secs(1)).await;
        seconds += 1;
        if seconds > patience {
            tell_unreachable(manager).await;
            seconds = 0;
        }
    }
    manager.out().print("\n");
}

async fn tell_unreachable(manager: &mut Manager<'_>) {
    // Nodes that somebody has no link to, and who that is.
    let mut missing: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for place in 0..manager.nodes.len() {
        let Some(reply) = manager.ask_or_tell(place, &["CLUSTER", "NODES"]).await else { continue };
        for line in reply.text().unwrap_or_default().split_terminator('\n') {
            let fields: Vec<&str> = line.split(' ').collect();
            let (Some(address), Some(flags), Some(state)) = (fields.get(1), fields.get(2), fields.get(7)) else {
                continue;
            };
            let lost = flags.contains("disconnected") || state.contains("disconnected") || flags.contains("handshake");
            if lost && !flags.contains("myself") {
                missing.entry((*address).to_owned()).or_default().push(manager.address(place));
            }
        }
    }
    if missing.is_empty() {
        return;
    }
    manager.out().print("\n");
    manager.log(Level::Error, format!("Warning: {} node(s) may be unreachable\n", missing.len()));
    for (address, from) in missing {
        let text = match parse_address(&address) {
            Some((ip, _, Some(bus))) if bus != 0 => {
                format!(" - The port {bus} of node {ip} may be unreachable from:\n")
            }
            Some((ip, ..)) => format!(" - Node {ip} may be unreachable from:\n"),
            None => format!(" - Node {address} may be unreachable from:\n"),
        };
        manager.log(Level::Error, text);
        for node in from {
            manager.log(Level::Error, format!("   {node}\n"));
        }
        manager.log(
            Level::Error,
            "Cluster bus ports must be reachable by every node.\nRemember that cluster bus ports are different from \
             standard instance ports.\n",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::signature;

    #[test]
    fn signatures_are_equal_where_nodes_agree() {
        let one = "b h:2@12 master - 0 1 2 connected 10-20 5\na h:1@11 myself,master - 0 0 1 connected 0-4 [7->-b]\n";
        let other = "a h:1@11 master - 0 9 1 connected 0-4\nb h:2@12 myself,master - 0 0 2 connected 10-20 5\n\
                     c h:3@13 slave a 0 0 2 connected\n";
        assert_eq!(signature(one).unwrap(), "a:0-4|b:10-20,5");
        assert_eq!(signature(one), signature(other));
        assert_eq!(signature("a h:1@11 myself,master - 0 0 1 connected\n"), None);
    }
}
