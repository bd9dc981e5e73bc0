//! ZCOUNT key min max

use super::prelude::*;
use crate::commands::zset::Range;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "zcount",
    arity: 4,
    flags: flag::READONLY | flag::FAST,
    acl: acl::READ | acl::SORTEDSET | acl::FAST,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RO | key::ACCESS, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Returns the count of members in a sorted set that have scores within a range.",
        since: "2.0.0",
        group: "sorted-set",
        complexity: "O(log(N)) with N being the number of elements in the sorted set.",
        args: "key:k@0 min:d max:d",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let range = Range::scores(cx.arg(2), cx.arg(3))?;
    let places = cx.s.zset(cx.db, cx.arg(1))?.map_or(0..0, |z| range.places(z));
    cx.out.len(places.len());
    Ok(())
}
