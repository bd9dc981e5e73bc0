//! ZINCRBY key increment member

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "zincrby",
    arity: 4,
    flags: flag::WRITE | flag::DENYOOM | flag::FAST,
    acl: acl::WRITE | acl::SORTEDSET | acl::FAST,
    first: (1, 1, 1),
    keys: &[KeySpec {
        begin: Begin::Index(1),
        find: Find::Range(0, 1, 0),
        flags: key::RW | key::ACCESS | key::UPDATE,
        notes: "",
    }],
    tips: &[],
    docs: Docs {
        summary: "Increments the score of a member in a sorted set.",
        since: "1.2.0",
        group: "sorted-set",
        complexity: "O(log(N)) where N is the number of elements in the sorted set.",
        args: "key:k@0 increment:i member:s",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    super::zset_add::run(cx, true)
}
