//! TYPE key

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "type",
    arity: 2,
    flags: flag::READONLY | flag::FAST,
    acl: acl::KEYSPACE | acl::READ | acl::FAST,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RO, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Determines the type of value stored at a key.",
        since: "1.0.0",
        group: "generic",
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
    let name = cx.s.look(cx.db, cx.arg(1)).map_or("none", |r| r.value.kind().name());
    cx.out.simple(name);
    Ok(())
}
