//! ZADD and ZINCRBY.

use super::prelude::*;
use crate::data::zset::ZSet;

#[derive(Default)]
struct Options {
    nx: bool,
    xx: bool,
    gt: bool,
    lt: bool,
    ch: bool,
    incr: bool,
}

/// Runs ZADD, or ZINCRBY as ZADD … INCR.
pub fn run(cx: &mut Cx<'_>, zincrby: bool) -> Res {
    let mut o = Options { incr: zincrby, ..Options::default() };
    let mut at = 2;
    while !zincrby && at < cx.argc() {
        match cx.arg(at).to_ascii_uppercase().as_slice() {
            b"NX" => o.nx = true,
            b"XX" => o.xx = true,
            b"GT" => o.gt = true,
            b"LT" => o.lt = true,
            b"CH" => o.ch = true,
            b"INCR" => o.incr = true,
            _ => break,
        }
        at += 1;
    }
    let rest = cx.argc() - at;
    if !rest.is_multiple_of(2) || rest == 0 {
        return Err(err::SYNTAX.into());
    }
    if o.nx && o.xx {
        return Err("ERR XX and NX options at the same time are not compatible".into());
    }
    if (o.gt && o.lt) || (o.nx && (o.gt || o.lt)) {
        return Err("ERR GT, LT, and/or NX options at the same time are not compatible".into());
    }
    if o.incr && rest > 2 {
        return Err("ERR INCR option supports a single increment-element pair".into());
    }
    let mut pairs = Vec::with_capacity(rest / 2);
    for n in (at..cx.argc()).step_by(2) {
        pairs.push((cx.float(n)?, cx.arg(n + 1)));
    }
    let key = cx.arg(1);
    let limits = cx.s.hot.zset;
    if cx.s.zset_mut(cx.db, key)?.is_none() {
        if o.xx {
            reply_nothing(cx, &o);
            return Ok(());
        }
        let first = pairs.first().map_or(0, |(_, member)| member.len());
        cx.s.add_key(cx.db, key, Value::ZSet(ZSet::sized(pairs.len(), first, limits)));
    }
    add(cx, key, &pairs, &o)
}

fn reply_nothing(cx: &mut Cx<'_>, o: &Options) {
    if o.incr {
        cx.out.null();
    } else {
        cx.out.int(0);
    }
}

fn add(cx: &mut Cx<'_>, key: &[u8], pairs: &[(f64, &[u8])], o: &Options) -> Res {
    let limits = cx.s.hot.zset;
    let Some(zset) = cx.s.zset_mut(cx.db, key)? else { return Ok(()) };
    // How many come decides before it is known how many of them are new.
    let long_first = zset.is_empty() && pairs.first().is_some_and(|(_, member)| member.len() > limits.value);
    if pairs.len() > limits.entries || long_first {
        zset.to_skiplist();
    }
    let (mut added, mut updated, mut last, mut refused) = (0, 0, None, false);
    for (score, member) in pairs {
        let old = zset.score(member);
        let mut score = *score;
        match old {
            Some(old) => {
                if o.nx {
                    continue;
                }
                if o.incr {
                    score += old;
                    if score.is_nan() {
                        refused = true;
                        break;
                    }
                }
                if (o.gt && score <= old) || (o.lt && score >= old) {
                    continue;
                }
                if score != old {
                    zset.insert(member, score, limits);
                    updated += 1;
                }
                last = Some(score);
            }
            None if o.xx => {}
            None => {
                zset.insert(member, score, limits);
                added += 1;
                last = Some(score);
            }
        }
    }
    if added + updated > 0 {
        cx.changed(notify::ZSET, if o.incr { "zincr" } else { "zadd" }, key, added + updated);
        cx.s.signal_ready(cx.db, key);
    }
    cx.s.delete_if_empty(cx.db, key);
    if refused {
        return Err("ERR resulting score is not a number (NaN)".into());
    }
    if o.incr {
        match last {
            Some(score) => cx.out.double(score),
            None => cx.out.null(),
        }
    } else {
        cx.out.int((if o.ch { added + updated } else { added }) as i64);
    }
    Ok(())
}
