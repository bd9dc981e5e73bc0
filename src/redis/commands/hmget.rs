//! HMGET key field [...]

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "hmget",
    arity: -3,
    flags: flag::READONLY | flag::FAST,
    acl: acl::READ | acl::HASH | acl::FAST,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RO | key::ACCESS, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Returns the values of all fields in a hash.",
        since: "2.0.0",
        group: "hash",
        complexity: "O(N) where N is the number of fields being requested.",
        args: "key:k@0 field:s*",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let key = cx.arg(1);
    let fields = &cx.argv[2..];
    cx.s.settle_fields(cx.db, key, fields);
    let now = cx.s.field_clock();
    let hash = cx.s.hash(cx.db, key)?;
    cx.out.array(fields.len());
    for field in fields {
        match hash.and_then(|h| h.get_at(field, now)) {
            Some(value) => cx.out.bulk(&value),
            None => cx.out.null(),
        }
    }
    Ok(())
}
