//! PUBSUB NUMSUB [channel [...]]

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "pubsub|numsub",
    arity: -2,
    flags: flag::PUBSUB | flag::LOADING | flag::STALE,
    acl: acl::PUBSUB | acl::SLOW,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Returns a count of subscribers to channels.",
        since: "2.8.0",
        group: "pubsub",
        complexity: "O(N) for the NUMSUB subcommand, where N is the number of requested channels",
        args: "channel:s?*",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    super::count(cx, false)
}
