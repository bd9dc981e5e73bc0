//! SISMEMBER key member

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "sismember",
    arity: 3,
    flags: flag::READONLY | flag::FAST,
    acl: acl::READ | acl::SET | acl::FAST,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RO, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Determines whether a member belongs to a set.",
        since: "1.0.0",
        group: "set",
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
    let there = cx.s.set(cx.db, cx.arg(1))?.is_some_and(|s| s.contains(member));
    cx.out.int(i64::from(there));
    Ok(())
}
