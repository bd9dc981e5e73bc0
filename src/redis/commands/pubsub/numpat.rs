//! PUBSUB NUMPAT

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "pubsub|numpat",
    arity: 2,
    flags: flag::PUBSUB | flag::LOADING | flag::STALE,
    acl: acl::PUBSUB | acl::SLOW,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Returns a count of unique pattern subscriptions.",
        since: "2.8.0",
        group: "pubsub",
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
    cx.out.len(cx.s.patterns.len());
    Ok(())
}
