//! ZDIFFSTORE destination numkeys key [...]

use super::prelude::*;
use crate::commands::zset_combine::{Op, store};

/// The command's description.
pub static COMMAND: Command = Command {
    name: "zdiffstore",
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
        summary: "Stores the difference of multiple sorted sets in a key.",
        since: "6.2.0",
        group: "sorted-set",
        complexity: "O(L + (N-K)log(N)) worst case where L is the total number of elements in all the sets, N is the size of the first set, and K is the size of the result set.",
        args: "destination:k@0 numkeys:i key:k@1*",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    store(cx, Op::Diff, "zdiffstore")
}
