//! CLUSTER MEET ip port [cluster-bus-port]

use super::super::prelude::*;
use crate::cluster::Node;
use crate::cluster::message::node_flag;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "cluster|meet",
    arity: -4,
    flags: flag::ADMIN | flag::STALE | flag::NO_ASYNC_LOADING,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Forces a node to handshake with another node.",
        since: "3.0.0",
        group: "cluster",
        complexity: "O(1)",
        args: "ip:s port:i cluster-bus-port:i?^4.0.0",
        history: &[("4.0.0", "Added the optional `cluster_bus_port` argument.")],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    super::cluster(cx)?;
    if cx.argc() > 5 {
        return Err(crate::server::errors::arity("cluster|meet").into());
    }
    let shown = |n: usize| String::from_utf8_lossy(cx.arg(n)).into_owned();
    let Some(port) = resp::parse_i64(cx.arg(3)) else {
        return Err(format!("ERR Invalid base port specified: {}", shown(3)).into());
    };
    let cport = if cx.argc() == 5 {
        resp::parse_i64(cx.arg(4)).ok_or_else(|| Fail::from(format!("ERR Invalid bus port specified: {}", shown(4))))?
    } else {
        port.saturating_add(10_000)
    };
    let ip = shown(2).parse::<std::net::IpAddr>().ok();
    let (Some(ip), 1..=65535, 1..=65535) = (ip, port, cport) else {
        return Err(format!("ERR Invalid node address specified: {}:{}", shown(2), shown(3)).into());
    };
    let ip = ip.to_string();
    let (name, shard, now) = (cx.s.random_id(), cx.s.random_id(), cx.s.now_ms);
    if let Some(cluster) = &mut cx.s.cluster {
        let meeting =
            cluster.nodes.values().any(|n| n.has(node_flag::HANDSHAKE) && n.ip == ip && i64::from(n.cport) == cport);
        if !meeting {
            let mut node = Node::new(name, shard, node_flag::HANDSHAKE | node_flag::MEET, now);
            node.ip = ip;
            node.port = port as u16;
            node.cport = cport as u16;
            cluster.add(node);
        }
    }
    cx.out.ok();
    Ok(())
}
