//! ZREMRANGEBYSCORE key min max

use super::prelude::*;
use crate::commands::zset::Range;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "zremrangebyscore",
    arity: 4,
    flags: flag::WRITE,
    acl: acl::WRITE | acl::SORTEDSET | acl::SLOW,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RW | key::DELETE, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Removes members in a sorted set within a range of scores. Deletes the sorted set if all members were removed.",
        since: "1.2.0",
        group: "sorted-set",
        complexity: "O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements removed by the operation.",
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
    super::zset::remove_places(cx, "zremrangebyscore", |z| range.places(z))
}
