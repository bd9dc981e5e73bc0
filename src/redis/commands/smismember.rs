//! SMISMEMBER key member [...]

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "smismember",
    arity: -3,
    flags: flag::READONLY | flag::FAST,
    acl: acl::READ | acl::SET | acl::FAST,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RO | key::ACCESS, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Determines whether multiple members belong to a set.",
        since: "6.2.0",
        group: "set",
        complexity: "O(N) where N is the number of elements being checked for membership",
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
    let set = cx.s.set(cx.db, cx.arg(1))?;
    cx.out.array(members.len());
    for member in members {
        cx.out.int(i64::from(set.is_some_and(|s| s.contains(member))));
    }
    Ok(())
}
