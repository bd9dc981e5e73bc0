//! PTTL key

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "pttl",
    arity: 2,
    flags: flag::READONLY | flag::FAST,
    acl: acl::KEYSPACE | acl::READ | acl::FAST,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RO | key::ACCESS, notes: "" }],
    tips: &["nondeterministic_output"],
    docs: Docs {
        summary: "Returns the expiration time in milliseconds of a key.",
        since: "2.6.0",
        group: "generic",
        complexity: "O(1)",
        args: "key:k@0",
        history: &[("2.8.0", "Added the -2 reply.")],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    super::generic::reply_ttl(cx, |when, now| when.saturating_sub(now).max(0))
}
