//! ZADD key [NX | XX] [GT | LT] [CH] [INCR] score member [...]

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "zadd",
    arity: -4,
    flags: flag::WRITE | flag::DENYOOM | flag::FAST,
    acl: acl::WRITE | acl::SORTEDSET | acl::FAST,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RW | key::UPDATE, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Adds one or more members to a sorted set, or updates their scores. Creates the key if it doesn't exist.",
        since: "1.2.0",
        group: "sorted-set",
        complexity: "O(log(N)) for each item added, where N is the number of elements in the sorted set.",
        args: "key:k@0 condition:o?^3.0.2(nx:t=NX xx:t=XX) comparison:o?^6.2.0(gt:t=GT lt:t=LT) change:t=CH?^3.0.2 increment:t=INCR?^3.0.2 data:b*(score:d member:s)",
        history: &[
            ("2.4.0", "Accepts multiple elements."),
            ("3.0.2", "Added the `XX`, `NX`, `CH` and `INCR` options."),
            ("6.2.0", "Added the `GT` and `LT` options."),
        ],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    super::zset_add::run(cx, false)
}
