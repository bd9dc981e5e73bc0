//! SRANDMEMBER key [count]

use super::prelude::*;
use std::collections::BTreeSet;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "srandmember",
    arity: -2,
    flags: flag::READONLY,
    acl: acl::READ | acl::SET | acl::SLOW,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RO | key::ACCESS, notes: "" }],
    tips: &["nondeterministic_output"],
    docs: Docs {
        summary: "Get one or multiple random members from a set",
        since: "1.0.0",
        group: "set",
        complexity: "Without the count argument O(1), otherwise O(N) where N is the absolute value of the passed count.",
        args: "key:k@0 count:i?^2.6.0",
        history: &[("2.6.0", "Added the optional `count` argument.")],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    if cx.argc() > 3 {
        return Err(err::SYNTAX.into());
    }
    let key = cx.arg(1);
    if cx.argc() == 2 {
        let len = cx.s.set(cx.db, key)?.map_or(0, |s| s.len());
        let at = cx.s.random_below(len);
        let set = match cx.s.peek(cx.db, key) {
            Some(Value::Set(set)) => set.nth(at),
            _ => None,
        };
        match set {
            Some(member) => cx.out.bulk(&member),
            None => cx.out.null(),
        }
        return Ok(());
    }
    let count = super::set_ops::random_count(cx, 2)?;
    let len = cx.s.set(cx.db, key)?.map_or(0, |s| s.len());
    if len == 0 || count == 0 {
        cx.out.array(0);
        return Ok(());
    }
    let mut places: Vec<usize> = Vec::new();
    if count < 0 {
        for _ in 0..count.unsigned_abs() {
            places.push(cx.s.random_below(len));
        }
    } else if count as usize >= len {
        places = (0..len).collect();
    } else {
        let mut chosen = BTreeSet::new();
        while chosen.len() < count as usize {
            let at = cx.s.random_below(len);
            if chosen.insert(at) {
                places.push(at);
            }
        }
    }
    let Some(Value::Set(set)) = cx.s.peek(cx.db, key) else { return Ok(()) };
    cx.out.array(places.len());
    for at in places {
        cx.out.bulk(&set.nth(at).unwrap_or_default());
    }
    Ok(())
}
