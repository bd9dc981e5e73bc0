//! PUBLISH channel message

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "publish",
    arity: 3,
    flags: flag::MAY_REPLICATE | flag::PUBSUB | flag::LOADING | flag::STALE | flag::FAST | flag::SENTINEL,
    acl: acl::PUBSUB | acl::FAST,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Posts a message to a channel.",
        since: "2.0.0",
        group: "pubsub",
        complexity: "O(N+M) where N is the number of clients subscribed to the receiving channel and M is the total number of subscribed patterns (by any client).",
        args: "channel:s message:s",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    if cx.s.sentinel_mode {
        return crate::sentinel::publish(cx);
    }
    let receivers = cx.s.publish(cx.arg(1), cx.arg(2), false);
    cx.s.cluster_publish(cx.arg(1), cx.arg(2), false);
    cx.out.len(receivers);
    Ok(())
}
