//! BZPOPMIN key [...] timeout

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "bzpopmin",
    arity: -3,
    flags: flag::WRITE | flag::BLOCKING | flag::FAST,
    acl: acl::WRITE | acl::SORTEDSET | acl::FAST | acl::BLOCKING,
    first: (1, -2, 1),
    keys: &[KeySpec {
        begin: Begin::Index(1),
        find: Find::Range(-2, 1, 0),
        flags: key::RW | key::ACCESS | key::DELETE,
        notes: "",
    }],
    tips: &[],
    docs: Docs {
        summary: "Removes and returns the member with the lowest score from one or more sorted sets. Blocks until a member is available otherwise. Deletes the sorted set if the last element was popped.",
        since: "5.0.0",
        group: "sorted-set",
        complexity: "O(log(N)) with N being the number of elements in the sorted set.",
        args: "key:k@0* timeout:d",
        history: &[("6.0.0", "`timeout` is interpreted as a double instead of an integer.")],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    super::zset_pop::pop_or_wait(cx, false)
}
