//! ZSCORE key member

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "zscore",
    arity: 3,
    flags: flag::READONLY | flag::FAST,
    acl: acl::READ | acl::SORTEDSET | acl::FAST,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RO | key::ACCESS, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Returns the score of a member in a sorted set.",
        since: "1.2.0",
        group: "sorted-set",
        complexity: "O(1)",
        args: "key:k@0 member:s",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let member = cx.arg(2);
    match cx.s.zset(cx.db, cx.arg(1))?.and_then(|z| z.score(member)) {
        Some(score) => cx.out.double(score),
        None => cx.out.null(),
    }
    Ok(())
}
