//! SRANDMEMBER key [count]

use super::prelude::*;

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
    cx.out.array(super::hash::random_len(len, count));
    super::hash::random_places(cx, len, count, |cx, places| {
        let Some(Value::Set(set)) = cx.s.peek(cx.db, key) else { return };
        for at in places {
            cx.out.bulk(&set.nth(*at).unwrap_or_default());
        }
    });
    Ok(())
}
