//! SPUBLISH shardchannel message

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "spublish",
    arity: 3,
    flags: flag::MAY_REPLICATE | flag::PUBSUB | flag::LOADING | flag::STALE | flag::FAST,
    acl: acl::PUBSUB | acl::FAST,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::NOT_KEY, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Post a message to a shard channel",
        since: "7.0.0",
        group: "pubsub",
        complexity: "O(N) where N is the number of clients subscribed to the receiving shard channel.",
        args: "shardchannel:s message:s",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let receivers = cx.s.publish(cx.arg(1), cx.arg(2), true);
    cx.s.cluster_publish(cx.arg(1), cx.arg(2), true);
    cx.out.len(receivers);
    Ok(())
}
