//! HSETNX key field value

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "hsetnx",
    arity: 4,
    flags: flag::WRITE | flag::DENYOOM | flag::FAST,
    acl: acl::WRITE | acl::HASH | acl::FAST,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RW | key::INSERT, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Sets the value of a field in a hash only when the field doesn't exist.",
        since: "2.0.0",
        group: "hash",
        complexity: "O(1)",
        args: "key:k@0 field:s value:s",
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
    if cx.s.hash_mut(cx.db, key)?.is_some_and(|h| h.contains(field) && !h.is_over(field, now)) {
        cx.out.int(0);
        return Ok(());
    }
    super::hash::set_pairs(cx, key, &cx.argv[2..4])?;
    cx.changed(notify::HASH, "hset", key, 1);
    cx.out.int(1);
    Ok(())
}
