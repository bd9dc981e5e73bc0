//! ZPOPMIN key [count]

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "zpopmin",
    arity: -2,
    flags: flag::WRITE | flag::FAST,
    acl: acl::WRITE | acl::SORTEDSET | acl::FAST,
    first: (1, 1, 1),
    keys: &[KeySpec {
        begin: Begin::Index(1),
        find: Find::Range(0, 1, 0),
        flags: key::RW | key::ACCESS | key::DELETE,
        notes: "",
    }],
    tips: &[],
    docs: Docs {
        summary: "Returns the lowest-scoring members from a sorted set after removing them. Deletes the sorted set if the last member was popped.",
        since: "5.0.0",
        group: "sorted-set",
        complexity: "O(log(N)*M) with N being the number of elements in the sorted set, and M being the number of elements popped.",
        args: "key:k@0 count:i?",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    super::zset_pop::pop(cx, false)
}
