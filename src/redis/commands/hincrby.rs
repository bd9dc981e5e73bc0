//! HINCRBY key field increment

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "hincrby",
    arity: 4,
    flags: flag::WRITE | flag::DENYOOM | flag::FAST,
    acl: acl::WRITE | acl::HASH | acl::FAST,
    first: (1, 1, 1),
    keys: &[KeySpec {
        begin: Begin::Index(1),
        find: Find::Range(0, 1, 0),
        flags: key::RW | key::ACCESS | key::UPDATE,
        notes: "",
    }],
    tips: &[],
    docs: Docs {
        summary: "Increments the integer value of a field in a hash by a number. Uses 0 as initial value if the field doesn't exist.",
        since: "2.0.0",
        group: "hash",
        complexity: "O(1)",
        args: "key:k@0 field:s increment:i",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let (key, field, by) = (cx.arg(1), cx.arg(2), cx.int(3)?);
    cx.s.settle_fields(cx.db, key, &[field]);
    let now = cx.s.field_clock();
    let old = match cx.s.hash_mut(cx.db, key)?.and_then(|h| h.get_at(field, now)) {
        None => 0,
        Some(text) => resp::parse_i64(&text).ok_or(Fail::from("ERR hash value is not an integer"))?,
    };
    let Some(sum) = old.checked_add(by) else { return Err(err::OVERFLOW.into()) };
    super::hash::set_keeping_ttl(cx, key, field, &resp::format_i64(sum))?;
    cx.changed(notify::HASH, "hincrby", key, 1);
    cx.out.int(sum);
    Ok(())
}
