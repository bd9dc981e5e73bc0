//! PUBSUB SHARDNUMSUB [shardchannel [...]]

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "pubsub|shardnumsub",
    arity: -2,
    flags: flag::PUBSUB | flag::LOADING | flag::STALE,
    acl: acl::PUBSUB | acl::SLOW,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Returns the count of subscribers of shard channels.",
        since: "7.0.0",
        group: "pubsub",
        complexity: "O(N) for the SHARDNUMSUB subcommand, where N is the number of requested shard channels",
        args: "shardchannel:s?*",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    super::count(cx, true)
}
