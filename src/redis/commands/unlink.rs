//! UNLINK key [...]

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "unlink",
    arity: -2,
    flags: flag::WRITE | flag::FAST,
    acl: acl::KEYSPACE | acl::WRITE | acl::FAST,
    first: (1, -1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(-1, 1, 0), flags: key::RM | key::DELETE, notes: "" }],
    tips: &["request_policy:multi_shard", "response_policy:agg_sum"],
    docs: Docs {
        summary: "Asynchronously deletes one or more keys.",
        since: "4.0.0",
        group: "generic",
        complexity: "O(1) for each key removed regardless of its size. Then the command does O(N) work in a different thread in order to reclaim memory, where N is the number of allocations the deleted objects where composed of.",
        args: "key:k@0*",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    super::del::run(cx)
}
