//! ZLEXCOUNT key min max

use super::prelude::*;
use crate::commands::zset::Range;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "zlexcount",
    arity: 4,
    flags: flag::READONLY | flag::FAST,
    acl: acl::READ | acl::SORTEDSET | acl::FAST,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RO | key::ACCESS, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Returns the number of members in a sorted set within a lexicographical range.",
        since: "2.8.9",
        group: "sorted-set",
        complexity: "O(log(N)) with N being the number of elements in the sorted set.",
        args: "key:k@0 min:s max:s",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let range = Range::members(cx.arg(2), cx.arg(3))?;
    let places = cx.s.zset(cx.db, cx.arg(1))?.map_or(0..0, |z| range.places(z));
    cx.out.len(places.len());
    Ok(())
}
