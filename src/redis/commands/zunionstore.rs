//! ZUNIONSTORE destination numkeys key [...] [WEIGHTS weight [...]] [AGGREGATE SUM | MIN | MAX]

use super::prelude::*;
use crate::commands::zset_combine::{Op, store};

/// The command's description.
pub static COMMAND: Command = Command {
    name: "zunionstore",
    arity: -4,
    flags: flag::WRITE | flag::DENYOOM | flag::MOVABLEKEYS,
    acl: acl::WRITE | acl::SORTEDSET | acl::SLOW,
    first: (1, 1, 1),
    keys: &[
        KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::OW | key::UPDATE, notes: "" },
        KeySpec { begin: Begin::Index(2), find: Find::KeyNum(0, 1, 1), flags: key::RO | key::ACCESS, notes: "" },
    ],
    tips: &[],
    docs: Docs {
        summary: "Stores the union of multiple sorted sets in a key.",
        since: "2.0.0",
        group: "sorted-set",
        complexity: "O(N)+O(M log(M)) with N being the sum of the sizes of the input sorted sets, and M being the number of elements in the resulting sorted set.",
        args: "destination:k@0 numkeys:i key:k@1* weight:i=WEIGHTS?* aggregate:o=AGGREGATE?(sum:t=SUM min:t=MIN max:t=MAX)",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    store(cx, Op::Union, "zunionstore")
}
