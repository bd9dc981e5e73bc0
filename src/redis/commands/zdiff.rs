//! ZDIFF numkeys key [...] [WITHSCORES]

use super::prelude::*;
use crate::commands::zset_combine::{Op, reply};

/// The command's description.
pub static COMMAND: Command = Command {
    name: "zdiff",
    arity: -3,
    flags: flag::READONLY | flag::MOVABLEKEYS,
    acl: acl::READ | acl::SORTEDSET | acl::SLOW,
    first: (0, 0, 0),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::KeyNum(0, 1, 1), flags: key::RO | key::ACCESS, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Returns the difference between multiple sorted sets.",
        since: "6.2.0",
        group: "sorted-set",
        complexity: "O(L + (N-K)log(N)) worst case where L is the total number of elements in all the sets, N is the size of the first set, and K is the size of the result set.",
        args: "numkeys:i key:k@0* withscores:t=WITHSCORES?",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    reply(cx, Op::Diff)
}
