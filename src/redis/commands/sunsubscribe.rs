//! SUNSUBSCRIBE [shardchannel [...]]

use super::prelude::*;
use crate::server::pubsub::Scope;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "sunsubscribe",
    arity: -1,
    flags: flag::PUBSUB | flag::NOSCRIPT | flag::LOADING | flag::STALE,
    acl: acl::PUBSUB | acl::SLOW,
    first: (1, -1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(-1, 1, 0), flags: key::NOT_KEY, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Stops listening to messages posted to shard channels.",
        since: "7.0.0",
        group: "pubsub",
        complexity: "O(N) where N is the number of shard channels to unsubscribe.",
        args: "shardchannel:s?*",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    super::connection::unsubscribe(cx, Scope::Shard)
}
