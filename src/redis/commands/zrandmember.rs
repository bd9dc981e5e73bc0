//! ZRANDMEMBER key [count [WITHSCORES]]

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "zrandmember",
    arity: -2,
    flags: flag::READONLY,
    acl: acl::READ | acl::SORTEDSET | acl::SLOW,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RO | key::ACCESS, notes: "" }],
    tips: &["nondeterministic_output"],
    docs: Docs {
        summary: "Returns one or more random members from a sorted set.",
        since: "6.2.0",
        group: "sorted-set",
        complexity: "O(N) where N is the number of members returned",
        args: "key:k@0 options:b?(count:i withscores:t=WITHSCORES?)",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let key = cx.arg(1);
    if cx.argc() == 2 {
        let len = cx.s.zset(cx.db, key)?.map_or(0, |z| z.len());
        let at = cx.s.random_below(len);
        let found = match cx.s.peek(cx.db, key) {
            Some(Value::ZSet(zset)) => zset.iter_from(at, false).next(),
            _ => None,
        };
        match found {
            Some((member, _)) => cx.out.bulk(&member),
            None => cx.out.null(),
        }
        return Ok(());
    }
    let count = super::set_ops::random_count(cx, 2)?;
    if cx.argc() > 4 || (cx.argc() == 4 && !cx.is(3, "WITHSCORES")) {
        return Err(err::SYNTAX.into());
    }
    if cx.argc() == 4 && count.unsigned_abs() > i64::MAX as u64 / 2 {
        return Err("ERR value is out of range".into());
    }
    let with_scores = cx.argc() == 4;
    let len = cx.s.zset(cx.db, key)?.map_or(0, |z| z.len());
    let many = super::hash::random_len(len, count);
    let nested = cx.out.resp3 && with_scores;
    cx.out.array(if with_scores && !nested { many.saturating_mul(2) } else { many });
    super::hash::random_places(cx, len, count, |cx, places| {
        let Some(Value::ZSet(zset)) = cx.s.peek(cx.db, key) else { return };
        for at in places {
            let (member, score) = zset.iter_from(*at, false).next().unwrap_or_default();
            if nested {
                cx.out.array(2);
            }
            cx.out.bulk(&member);
            if with_scores {
                cx.out.double(score);
            }
        }
    });
    Ok(())
}
