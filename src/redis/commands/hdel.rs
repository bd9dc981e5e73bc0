//! HDEL key field [...]

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "hdel",
    arity: -3,
    flags: flag::WRITE | flag::FAST,
    acl: acl::WRITE | acl::HASH | acl::FAST,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RW | key::DELETE, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Deletes one or more fields and their values from a hash. Deletes the hash if no fields remain.",
        since: "2.0.0",
        group: "hash",
        complexity: "O(N) where N is the number of fields to be removed.",
        args: "key:k@0 field:s*",
        history: &[("2.4.0", "Accepts multiple `field` arguments.")],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let key = cx.arg(1);
    let fields = &cx.argv[2..];
    let Some(hash) = cx.s.hash_mut(cx.db, key)? else {
        cx.out.int(0);
        return Ok(());
    };
    let before = hash.next_expiry();
    let removed = fields.iter().filter(|f| hash.remove(f)).count();
    if removed > 0 {
        cx.s.dbs[cx.db].update_field_expiry(key, before);
        cx.changed(notify::HASH, "hdel", key, removed as u64);
        cx.s.delete_if_empty(cx.db, key);
    }
    cx.out.len(removed);
    Ok(())
}
