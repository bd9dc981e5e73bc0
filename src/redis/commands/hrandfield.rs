//! HRANDFIELD key [count [WITHVALUES]]

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "hrandfield",
    arity: -2,
    flags: flag::READONLY,
    acl: acl::READ | acl::HASH | acl::SLOW,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RO | key::ACCESS, notes: "" }],
    tips: &["nondeterministic_output"],
    docs: Docs {
        summary: "Returns one or more random fields from a hash.",
        since: "6.2.0",
        group: "hash",
        complexity: "O(N) where N is the number of fields returned",
        args: "key:k@0 options:b?(count:i withvalues:t=WITHVALUES?)",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let key = cx.arg(1);
    super::hash::settle(cx, key);
    if cx.argc() == 2 {
        let len = cx.s.hash(cx.db, key)?.map_or(0, |h| h.len());
        let at = cx.s.random_below(len);
        let found = match cx.s.peek(cx.db, key) {
            Some(Value::Hash(hash)) => hash.nth(at),
            _ => None,
        };
        match found {
            Some((field, _)) => cx.out.bulk(&field),
            None => cx.out.null(),
        }
        return Ok(());
    }
    let count = super::set_ops::random_count(cx, 2)?;
    if cx.argc() > 4 || (cx.argc() == 4 && !cx.is(3, "WITHVALUES")) {
        return Err(err::SYNTAX.into());
    }
    if cx.argc() == 4 && count.unsigned_abs() > i64::MAX as u64 / 2 {
        return Err("ERR value is out of range".into());
    }
    let with_values = cx.argc() == 4;
    let len = cx.s.hash(cx.db, key)?.map_or(0, |h| h.len());
    let many = super::hash::random_len(len, count);
    let nested = cx.out.resp3 && with_values;
    cx.out.array(if with_values && !nested { many.saturating_mul(2) } else { many });
    super::hash::random_places(cx, len, count, |cx, places| {
        let Some(Value::Hash(hash)) = cx.s.peek(cx.db, key) else { return };
        for at in places {
            let (field, value) = hash.nth(*at).unwrap_or_default();
            if nested {
                cx.out.array(2);
            }
            cx.out.bulk(&field);
            if with_values {
                cx.out.bulk(&value);
            }
        }
    });
    Ok(())
}
