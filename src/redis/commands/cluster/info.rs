//! CLUSTER INFO

use super::super::prelude::*;
use crate::cluster::message::Type;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "cluster|info",
    arity: 2,
    flags: flag::STALE,
    acl: acl::SLOW,
    first: (0, 0, 0),
    keys: &[],
    tips: &["nondeterministic_output"],
    docs: Docs {
        summary: "Returns information about the state of a node.",
        since: "3.0.0",
        group: "cluster",
        complexity: "O(1)",
        args: "",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let (now, timeout) = (cx.s.now_ms, cx.s.config.int(crate::config::CLUSTER_NODE_TIMEOUT));
    let _ = (now, timeout);
    let c = super::cluster(cx)?;
    let assigned = c.owners.iter().filter(|o| **o != 0).count();
    let of = |flag: u16| c.owners.iter().filter(|o| c.nodes.get(o).is_some_and(|n| n.has(flag))).count();
    let (pfail, fail) = (of(crate::cluster::message::node_flag::PFAIL), of(crate::cluster::message::node_flag::FAIL));
    let my_epoch = c.nodes.get(&c.my_master()).map_or(0, |n| n.config_epoch);
    let mut lines = vec![
        format!("cluster_state:{}", if c.ok { "ok" } else { "fail" }),
        format!("cluster_slots_assigned:{assigned}"),
        format!("cluster_slots_ok:{}", assigned - pfail - fail),
        format!("cluster_slots_pfail:{pfail}"),
        format!("cluster_slots_fail:{fail}"),
        format!("cluster_known_nodes:{}", c.nodes.len()),
        format!("cluster_size:{}", c.size),
        format!("cluster_current_epoch:{}", c.epoch),
        format!("cluster_my_epoch:{my_epoch}"),
    ];
    let (sent, received) = c.totals();
    for (counts, total, word) in [(&c.sent, sent, "sent"), (&c.received, received, "received")] {
        for kind in Type::ALL {
            if counts[kind as usize] > 0 {
                lines.push(format!("cluster_stats_messages_{}_{word}:{}", kind.name(), counts[kind as usize]));
            }
        }
        lines.push(format!("cluster_stats_messages_{word}:{total}"));
    }
    lines.push(format!("total_cluster_links_buffer_limit_exceeded:{}", c.full_links));
    for (name, n) in cx.s.slot_migration.info() {
        lines.push(format!("cluster_slot_migration_{name}:{n}"));
    }
    let mut text = lines.join("\r\n");
    text.push_str("\r\n");
    cx.out.verbatim("txt", text.as_bytes());
    Ok(())
}
