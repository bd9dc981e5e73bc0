//! ZMSCORE key member [...]

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "zmscore",
    arity: -3,
    flags: flag::READONLY | flag::FAST,
    acl: acl::READ | acl::SORTEDSET | acl::FAST,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RO | key::ACCESS, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Returns the score of one or more members in a sorted set.",
        since: "6.2.0",
        group: "sorted-set",
        complexity: "O(N) where N is the number of members being requested.",
        args: "key:k@0 member:s*",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let members = &cx.argv[2..];
    let zset = cx.s.zset(cx.db, cx.arg(1))?;
    cx.out.array(members.len());
    for member in members {
        match zset.and_then(|z| z.score(member)) {
            Some(score) => cx.out.double(score),
            None => cx.out.null(),
        }
    }
    Ok(())
}
