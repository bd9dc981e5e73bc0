//! ZRANK key member [WITHSCORE]

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "zrank",
    arity: -3,
    flags: flag::READONLY | flag::FAST,
    acl: acl::READ | acl::SORTEDSET | acl::FAST,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RO | key::ACCESS, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Returns the index of a member in a sorted set ordered by ascending scores.",
        since: "2.0.0",
        group: "sorted-set",
        complexity: "O(log(N))",
        args: "key:k@0 member:s withscore:t=WITHSCORE?",
        history: &[("7.2.0", "Added the optional `WITHSCORE` argument.")],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    super::zset::reply_rank(cx, false)
}
