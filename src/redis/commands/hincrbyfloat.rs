//! HINCRBYFLOAT key field increment

use super::prelude::*;
use crate::server::decimal;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "hincrbyfloat",
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
        summary: "Increments the floating point value of a field by a number. Uses 0 as initial value if the field doesn't exist.",
        since: "2.6.0",
        group: "hash",
        complexity: "O(1)",
        args: "key:k@0 field:s increment:d",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let (key, field) = (cx.arg(1), cx.arg(2));
    match decimal::finite(cx.arg(3)) {
        None => return Err(err::NOT_FLOAT.into()),
        Some(false) => return Err("ERR value is NaN or Infinity".into()),
        Some(true) => {}
    }
    cx.s.settle_fields(cx.db, key, &[field]);
    let now = cx.s.field_clock();
    let old = cx.s.hash_mut(cx.db, key)?.and_then(|h| h.get_at(field, now));
    let old = old.map_or(b"0".to_vec(), |v| v.into_owned());
    if decimal::finite(&old).is_none() {
        return Err("ERR hash value is not a float".into());
    }
    let sum = decimal::add(&old, cx.arg(3))?;
    super::hash::set_keeping_ttl(cx, key, field, sum.as_bytes())?;
    cx.changed(notify::HASH, "hincrbyfloat", key, 1);
    cx.propagate_as(&[b"HSETEX", key, b"KEEPTTL", b"FIELDS", b"1", field, sum.as_bytes()]);
    cx.out.text(&sum);
    Ok(())
}
