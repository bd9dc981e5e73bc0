//! ZINTERCARD numkeys key [...] [LIMIT limit]

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "zintercard",
    arity: -3,
    flags: flag::READONLY | flag::MOVABLEKEYS,
    acl: acl::READ | acl::SORTEDSET | acl::SLOW,
    first: (0, 0, 0),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::KeyNum(0, 1, 1), flags: key::RO | key::ACCESS, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Returns the number of members of the intersect of multiple sorted sets.",
        since: "7.0.0",
        group: "sorted-set",
        complexity: "O(N*K) worst case with N being the smallest input sorted set, K being the number of input sorted sets.",
        args: "numkeys:i key:k@0* limit:i=LIMIT?",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    super::zset_combine::count(cx)
}
