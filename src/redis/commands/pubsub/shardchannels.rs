//! PUBSUB SHARDCHANNELS [pattern]

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "pubsub|shardchannels",
    arity: -2,
    flags: flag::PUBSUB | flag::LOADING | flag::STALE,
    acl: acl::PUBSUB | acl::SLOW,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Returns the active shard channels.",
        since: "7.0.0",
        group: "pubsub",
        complexity: "O(N) where N is the number of active shard channels, and assuming constant time pattern matching (relatively short shard channels).",
        args: "pattern:p?",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    super::list(cx, true)
}
