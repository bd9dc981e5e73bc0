//! LLEN key

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "llen",
    arity: 2,
    flags: flag::READONLY | flag::FAST,
    acl: acl::READ | acl::LIST | acl::FAST,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RO, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Returns the length of a list.",
        since: "1.0.0",
        group: "list",
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
    let len = cx.s.list(cx.db, cx.arg(1))?.map_or(0, |l| l.len());
    cx.out.len(len);
    Ok(())
}
