//! ZUNION numkeys key [...] [WEIGHTS weight [...]] [AGGREGATE SUM | MIN | MAX] [WITHSCORES]

use super::prelude::*;
use crate::commands::zset_combine::{Op, reply};

/// The command's description.
pub static COMMAND: Command = Command {
    name: "zunion",
    arity: -3,
    flags: flag::READONLY | flag::MOVABLEKEYS,
    acl: acl::READ | acl::SORTEDSET | acl::SLOW,
    first: (0, 0, 0),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::KeyNum(0, 1, 1), flags: key::RO | key::ACCESS, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Returns the union of multiple sorted sets.",
        since: "6.2.0",
        group: "sorted-set",
        complexity: "O(N)+O(M*log(M)) with N being the sum of the sizes of the input sorted sets, and M being the number of elements in the resulting sorted set.",
        args: "numkeys:i key:k@0* weight:i=WEIGHTS?* aggregate:o=AGGREGATE?(sum:t=SUM min:t=MIN max:t=MAX) withscores:t=WITHSCORES?",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    reply(cx, Op::Union)
}
