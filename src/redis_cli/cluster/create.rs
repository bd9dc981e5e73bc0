//! `--cluster create`: makes a cluster of empty nodes.

use std::time::Duration;

use super::allocate;
use super::manager::{Level, Manager, Refused};
use super::node::{Node, parse_address};
use super::slots::SLOTS;
use super::{check, join};
use crate::console::Run;

/// Runs the subcommand.
pub async fn run(manager: &mut Manager<'_>, arguments: &[String]) -> Run<bool> {
    for address in arguments {
        if !add(manager, address).await {
            return Ok(false);
        }
    }
    let replicas = manager.options().replicas.max(0) as usize;
    let count = manager.nodes.len();
    let masters = count / (replicas + 1);
    if masters < 3 {
        manager.log(
            Level::Error,
            format!(
                "*** ERROR: Invalid configuration for cluster creation.\n\
                 *** Redis Cluster requires at least 3 master nodes.\n\
                 *** This is not possible with {count} nodes and {replicas} replicas per node."
            ),
        );
        manager.log(Level::Error, format!("\n*** At least {} nodes are required.\n", 3 * (replicas + 1)));
        return Ok(false);
    }
    manager.log(Level::Info, format!(">>> Performing hash slots allocation on {count} nodes...\n"));
    allocate(manager, masters, replicas);
    manager.show_nodes();
    if !manager.options().yes && !manager.confirm("Can I set the above configuration?").await {
        return Ok(true);
    }
    if !flush(manager).await {
        return Ok(false);
    }
    manager.log(Level::Info, ">>> Nodes configuration updated\n");
    manager.log(Level::Info, ">>> Assign a different config epoch to each node\n");
    for place in 0..count {
        let epoch = (place + 1).to_string();
        _ = manager.ask(place, &["CLUSTER", "SET-CONFIG-EPOCH", &epoch]).await;
    }
    manager.log(Level::Info, ">>> Sending CLUSTER MEET messages to join the cluster\n");
    if !meet(manager).await {
        return Ok(false);
    }
    // Before the meeting starts all would agree that nobody has any slot.
    manager.out().settle().await;
    _ = manager.sys().sleep(Duration::from_secs(1)).await;
    join::wait(manager).await;
    // Replicas could not be told of masters that they did not know.
    if !flush(manager).await || manager.nodes.is_empty() {
        return Ok(false);
    }
    let old = manager.nodes.swap_remove(0);
    let mut first = Node::new(&old.ip, old.port);
    first.link = old.link;
    manager.nodes.clear();
    if !manager.load_cluster(first).await {
        return Ok(false);
    }
    check::cluster(manager, false).await?;
    Ok(true)
}

/// Takes in a node: it must be reachable, in cluster mode and empty.
async fn add(manager: &mut Manager<'_>, address: &str) -> bool {
    let Some((ip, port, _)) = parse_address(address) else {
        manager.out().error(format!("Invalid address format: {address}\n")).await;
        return false;
    };
    let mut node = Node::new(ip, port);
    if !manager.connect(&mut node).await
        || !manager.is_cluster(&mut node).await
        || manager.load(&mut node, false).await.is_none()
        || !manager.is_empty(&mut node).await
    {
        return false;
    }
    manager.nodes.push(node);
    true
}

/// Gives out slots and masters, without telling the nodes yet.
fn allocate(manager: &mut Manager<'_>, masters: usize, replicas: usize) {
    let ips: Vec<String> = manager.nodes.iter().map(|n| n.ip.clone()).collect();
    let plan = allocate::plan(&ips, masters, replicas);
    for (i, &(place, first, last)) in plan.masters.iter().enumerate() {
        manager.out().print(format!("Master[{i}] -> Slots {first} - {last}\n"));
        if let Some(node) = manager.node(place) {
            (first..=last.min(SLOTS - 1)).for_each(|slot| node.slots.set(slot, true));
            node.slots_count = (last + 1 - first) as i64;
            node.dirty = true;
        }
    }
    let spare = manager.nodes.len() - plan.masters.len() > plan.wanted;
    let mut master_of = vec![None; manager.nodes.len()];
    for (i, &(replica, master)) in plan.replicas.iter().enumerate() {
        if i == plan.wanted {
            manager.out().print("Adding extra replicas...\n");
        }
        let line = format!("Adding replica {} to {}\n", manager.address(replica), manager.address(master));
        manager.out().print(line);
        if let Some(place) = master_of.get_mut(replica) {
            *place = Some(master);
        }
    }
    if spare && plan.replicas.len() == plan.wanted {
        manager.out().print("Adding extra replicas...\n");
    }
    let names: Vec<String> = (0..ips.len()).map(|place| manager.name(place)).collect();
    let same: Vec<usize> =
        names.iter().enumerate().map(|(i, name)| names.iter().position(|n| n == name).unwrap_or(i)).collect();
    if allocate::score(&ips, &same, &master_of).0 > 0 {
        manager.log(Level::Info, ">>> Trying to optimize slaves allocation for anti-affinity\n");
        let sys = manager.sys();
        match allocate::optimize(&ips, &same, &mut master_of, || sys.random_u64()) {
            0 => manager.log(Level::Ok, "[OK] Perfect anti-affinity obtained!\n"),
            10_000.. => manager.log(Level::Warn, "[WARNING] Some slaves are in the same host as their master\n"),
            _ => manager.log(Level::Warn, "[WARNING] Some slaves of the same master are in the same host\n"),
        }
    }
    for (place, master) in master_of.into_iter().enumerate() {
        let Some(master) = master.map(|m| manager.name(m)) else { continue };
        if let Some(node) = manager.node(place) {
            node.replicate = Some(master);
            node.dirty = true;
        }
    }
}

/// Tells every node that has something new what it is. False if a master refuses.
async fn flush(manager: &mut Manager<'_>) -> bool {
    for place in 0..manager.nodes.len() {
        let Some(node) = manager.nodes.get(place).filter(|n| n.dirty) else { continue };
        let master = node.replicate.clone();
        let mut words = vec!["CLUSTER".to_owned()];
        match &master {
            Some(master) => words.extend(["REPLICATE".into(), master.clone()]),
            None => {
                words.push("ADDSLOTS".into());
                words.extend(node.slots.iter().map(|slot| slot.to_string()));
            }
        }
        let answer = manager.ask(place, &words).await;
        match (answer, master) {
            (Ok(_), _) => {
                if let Some(node) = manager.node(place) {
                    node.dirty = false;
                }
            }
            // A replica that does not know its master yet is told again later.
            (Err(_), Some(_)) => {}
            (Err(refused), None) => {
                manager.tell(&manager.address(place), &refused);
                return false;
            }
        }
    }
    true
}

async fn meet(manager: &mut Manager<'_>) -> bool {
    let host = manager.nodes.first().map(|n| n.ip.clone()).unwrap_or_default();
    let Some(ip) = manager.resolve(&host).await else { return false };
    for place in 1..manager.nodes.len() {
        if let Err(refused) = manager.meet(place, &ip).await {
            if refused == Refused::Silence {
                manager.out().error("Failed to send CLUSTER MEET command.\n").await;
            }
            manager.tell(&manager.address(place), &refused);
            return false;
        }
    }
    true
}
