//! EXPIRETIME key

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "expiretime",
    arity: 2,
    flags: flag::READONLY | flag::FAST,
    acl: acl::KEYSPACE | acl::READ | acl::FAST,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RO | key::ACCESS, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Returns the expiration time of a key as a Unix timestamp.",
        since: "7.0.0",
        group: "generic",
        complexity: "O(1)",
        args: "key:k@0",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    // A time may be as late as can be written.
    super::generic::reply_ttl(cx, |when, _| when / 1000 + i64::from(when % 1000 >= 500))
}
