//! ZCARD key

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "zcard",
    arity: 2,
    flags: flag::READONLY | flag::FAST,
    acl: acl::READ | acl::SORTEDSET | acl::FAST,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RO, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Returns the number of members in a sorted set.",
        since: "1.2.0",
        group: "sorted-set",
        complexity: "O(1)",
        args: "key:k@0",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let len = cx.s.zset(cx.db, cx.arg(1))?.map_or(0, |z| z.len());
    cx.out.len(len);
    Ok(())
}
