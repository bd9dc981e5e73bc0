//! CLUSTER SLOTS and CLUSTER SHARDS.

use super::super::prelude::*;
use crate::cluster::message::node_flag;
use crate::cluster::{Cluster, Nid};
use crate::keyspace::slots::SLOTS;
use std::collections::BTreeMap;

/// Address, port, id and further names of a node.
fn reply_node(cx: &mut Cx<'_>, id: Nid) {
    let own_port = cx.s.announced_ports().0;
    let Some(cluster) = &cx.s.cluster else { return };
    let Some(node) = cluster.nodes.get(&id) else { return };
    let host = cx.s.endpoint_host(node);
    let port = if id == cluster.myself { own_port } else { node.port };
    let kind = cx.s.config.word(crate::config::CLUSTER_PREFERRED_ENDPOINT_TYPE);
    cx.out.array(4);
    if kind == "unknown-endpoint" {
        cx.out.null();
    } else {
        cx.out.text(host);
    }
    cx.out.int(i64::from(port));
    cx.out.text(&node.name);
    let mut extra = Vec::new();
    if kind != "ip" {
        extra.push(("ip", node.ip.clone()));
    }
    if kind != "hostname" && !node.hostname.is_empty() {
        extra.push(("hostname", node.hostname.clone()));
    }
    cx.out.map(extra.len());
    for (name, value) in extra {
        cx.out.text(name);
        cx.out.text(&value);
    }
}

/// The replicas that clients may read from: not failing, and with data. `own_offset` is this server's.
fn live_replicas(cluster: &Cluster, master: Nid, own_offset: i64) -> Vec<Nid> {
    let offset = |id: Nid, told: i64| if id == cluster.myself { own_offset } else { told };
    let serves =
        |id: &Nid| cluster.nodes.get(id).is_some_and(|n| !n.has(node_flag::FAIL) && offset(*id, n.offset) != 0);
    cluster.replicas(master).into_iter().filter(serves).collect()
}

/// CLUSTER SLOTS.
pub(crate) fn slots(cx: &mut Cx<'_>) -> Res {
    let Some(cluster) = &cx.s.cluster else { return Ok(()) };
    let mut ranges: Vec<(usize, usize, Nid)> = Vec::new();
    for slot in 0..SLOTS {
        let owner = cluster.owners[slot];
        if owner == 0 {
            continue;
        }
        match ranges.last_mut() {
            Some(range) if range.1 + 1 == slot && range.2 == owner => range.1 = slot,
            _ => ranges.push((slot, slot, owner)),
        }
    }
    let own_offset = cx.s.repl.told_offset();
    let nodes = |owner| [vec![owner], live_replicas(cluster, owner, own_offset)].concat();
    let lists: Vec<(usize, usize, Vec<Nid>)> = ranges.into_iter().map(|(a, b, owner)| (a, b, nodes(owner))).collect();
    cx.out.array(lists.len());
    for (from, to, nodes) in lists {
        cx.out.array(2 + nodes.len());
        cx.out.len(from);
        cx.out.len(to);
        for id in nodes {
            reply_node(cx, id);
        }
    }
    Ok(())
}

/// CLUSTER SHARDS.
pub(crate) fn shards(cx: &mut Cx<'_>) -> Res {
    let Some(cluster) = &cx.s.cluster else { return Ok(()) };
    let mut shards: BTreeMap<String, Vec<Nid>> = BTreeMap::new();
    for (id, node) in &cluster.nodes {
        if !node.has(node_flag::HANDSHAKE) {
            shards.entry(node.shard.clone()).or_default().push(*id);
        }
    }
    for members in shards.values_mut() {
        members.sort_by_key(|id| !cluster.nodes[id].is_master());
    }
    let shards: Vec<Vec<Nid>> = shards.into_values().collect();
    cx.out.array(shards.len());
    for members in shards {
        cx.out.map(2);
        cx.out.text("slots");
        let Some(cluster) = &cx.s.cluster else { return Ok(()) };
        let ranges = members
            .iter()
            .map(|id| &cluster.nodes[id])
            .find(|n| n.slot_count > 0)
            .map(|n| n.ranges())
            .unwrap_or_default();
        cx.out.array(ranges.len() * 2);
        for (from, to) in ranges {
            cx.out.len(from);
            cx.out.len(to);
        }
        cx.out.text("nodes");
        cx.out.array(members.len());
        for id in members {
            shard_node(cx, id);
        }
    }
    Ok(())
}

fn shard_node(cx: &mut Cx<'_>, id: Nid) {
    let own_port = cx.s.announced_ports().0;
    let own_offset = cx.s.repl.told_offset();
    let Some(cluster) = &cx.s.cluster else { return };
    let Some(node) = cluster.nodes.get(&id) else { return };
    let myself = id == cluster.myself;
    let offset = if myself { own_offset } else { node.offset };
    let health = if node.has(node_flag::FAIL | node_flag::PFAIL) {
        "fail"
    } else if !node.is_master() && offset == 0 {
        "loading"
    } else {
        "online"
    };
    let endpoint = cx.s.endpoint_host(node);
    cx.out.map(if node.hostname.is_empty() { 7 } else { 8 });
    cx.out.text("id");
    cx.out.text(&node.name);
    cx.out.text("port");
    cx.out.int(i64::from(if myself { own_port } else { node.port }));
    cx.out.text("ip");
    cx.out.text(&node.ip);
    cx.out.text("endpoint");
    cx.out.text(endpoint);
    if !node.hostname.is_empty() {
        cx.out.text("hostname");
        cx.out.text(&node.hostname);
    }
    cx.out.text("role");
    cx.out.text(if node.is_master() { "master" } else { "replica" });
    cx.out.text("replication-offset");
    cx.out.int(offset);
    cx.out.text("health");
    cx.out.text(health);
}
