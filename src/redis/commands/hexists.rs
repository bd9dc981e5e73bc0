//! HEXISTS key field

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "hexists",
    arity: 3,
    flags: flag::READONLY | flag::FAST,
    acl: acl::READ | acl::HASH | acl::FAST,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RO, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Determines whether a field exists in a hash.",
        since: "2.0.0",
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
    let there = cx.s.hash(cx.db, key)?.is_some_and(|h| h.contains(field) && !h.is_over(field, now));
    cx.out.int(i64::from(there));
    Ok(())
}
