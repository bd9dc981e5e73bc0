//! HSTRLEN key field

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "hstrlen",
    arity: 3,
    flags: flag::READONLY | flag::FAST,
    acl: acl::READ | acl::HASH | acl::FAST,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RO, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Returns the length of the value of a field.",
        since: "3.2.0",
        group: "hash",
        complexity: "O(1)",
        args: "key:k@0 field:s",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let (key, field) = (cx.arg(1), cx.arg(2));
    cx.s.settle_fields(cx.db, key, &[field]);
    let now = cx.s.field_clock();
    let len = cx.s.hash(cx.db, key)?.and_then(|h| h.get_at(field, now)).map_or(0, |v| v.len());
    cx.out.len(len);
    Ok(())
}
