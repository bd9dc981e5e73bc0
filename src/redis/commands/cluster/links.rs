//! CLUSTER LINKS

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "cluster|links",
    arity: 2,
    flags: flag::STALE,
    acl: acl::SLOW,
    first: (0, 0, 0),
    keys: &[],
    tips: &["nondeterministic_output"],
    docs: Docs {
        summary: "Returns a list of all TCP links to and from peer nodes.",
        since: "7.0.0",
        group: "cluster",
        complexity: "O(N) where N is the total number of Cluster nodes",
        args: "",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let c = super::cluster(cx)?;
    let mut known: Vec<_> = c
        .links
        .iter()
        .filter_map(|(conn, l)| {
            let node = l.node?;
            Some((
                node,
                l.inbound,
                *conn,
                c.nodes.get(&node)?.name.clone(),
                l.created,
                l.send_memory(),
                !l.output.is_empty(),
            ))
        })
        .collect();
    known.sort();
    cx.out.array(known.len());
    for (_, inbound, _, name, created, memory, pending) in known {
        cx.out.map(6);
        cx.out.text("direction");
        cx.out.text(if inbound { "from" } else { "to" });
        cx.out.text("node");
        cx.out.text(&name);
        cx.out.text("create-time");
        cx.out.int(created);
        cx.out.text("events");
        cx.out.text(if pending { "rw" } else { "r" });
        for field in ["send-buffer-allocated", "send-buffer-used"] {
            cx.out.text(field);
            cx.out.len(memory);
        }
    }
    Ok(())
}
