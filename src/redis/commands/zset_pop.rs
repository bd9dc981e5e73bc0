//! ZPOPMIN, ZPOPMAX, ZMPOP and the forms that wait.

use super::prelude::*;
use crate::server::blocking::numbered_keys;

/// Takes up to `count` members from one end of a sorted set that is there.
fn take(cx: &mut Cx<'_>, key: &[u8], max: bool, count: usize) -> Result<Vec<(Vec<u8>, f64)>, Fail> {
    let Some(zset) = cx.s.zset_mut(cx.db, key)? else { return Ok(Vec::new()) };
    let len = zset.len();
    let count = count.min(len);
    if count == 0 {
        return Ok(Vec::new());
    }
    let taken: Vec<(Vec<u8>, f64)> =
        zset.iter_from(if max { len - 1 } else { 0 }, max).take(count).map(|(m, s)| (m.into_owned(), s)).collect();
    zset.remove_range(if max { len - count } else { 0 }, count);
    cx.changed(notify::ZSET, if max { "zpopmax" } else { "zpopmin" }, key, count as u64);
    cx.s.delete_if_empty(cx.db, key);
    Ok(taken)
}

/// ZPOPMIN and ZPOPMAX.
pub fn pop(cx: &mut Cx<'_>, max: bool) -> Res {
    if cx.argc() > 3 {
        return Err(err::SYNTAX.into());
    }
    let counted = cx.argc() == 3;
    let count = if counted {
        usize::try_from(cx.int_or(2, err::NOT_POSITIVE)?).map_err(|_| Fail::from(err::NOT_POSITIVE))?
    } else {
        1
    };
    let taken = take(cx, cx.arg(1), max, count)?;
    let nested = counted && cx.out.resp3;
    cx.out.array(if nested { taken.len() } else { taken.len() * 2 });
    for (member, score) in taken {
        if nested {
            cx.out.array(2);
        }
        cx.out.bulk(&member);
        cx.out.double(score);
    }
    Ok(())
}

/// BZPOPMIN and BZPOPMAX.
pub fn pop_or_wait(cx: &mut Cx<'_>, max: bool) -> Res {
    let last = cx.argc() - 1;
    let until = cx.timeout(last)?;
    let keys = &cx.argv[1..last];
    for key in keys {
        if let Some((member, score)) = take(cx, key, max, 1)?.pop() {
            cx.out.array(3);
            cx.out.bulk(key);
            cx.out.bulk(&member);
            cx.out.double(score);
            cx.propagate_as(&[if max { b"ZPOPMAX" } else { b"ZPOPMIN" }, key]);
            return Ok(());
        }
    }
    if cx.no_block {
        cx.out.null_array();
    } else {
        cx.block_on(keys, until, Kind::ZSet);
    }
    Ok(())
}

/// ZMPOP and BZMPOP; `numkeys` is word `at`.
pub fn pop_many(cx: &mut Cx<'_>, at: usize, timeout: Option<usize>) -> Res {
    let (keys, mut at) = numbered_keys(cx, at)?;
    let max = match cx.arg(at).to_ascii_uppercase().as_slice() {
        b"MIN" => false,
        b"MAX" => true,
        _ => return Err(err::SYNTAX.into()),
    };
    at += 1;
    let mut count = 1;
    if at < cx.argc() {
        if !cx.is(at, "COUNT") || at + 1 == cx.argc() {
            return Err(err::SYNTAX.into());
        }
        count = cx.int_or(at + 1, "ERR count should be greater than 0")?;
        if count < 1 {
            return Err("ERR count should be greater than 0".into());
        }
        if at + 2 != cx.argc() {
            return Err(err::SYNTAX.into());
        }
    }
    let until = timeout.map(|word| cx.timeout(word)).transpose()?;
    for key in &keys {
        let taken = take(cx, key, max, count as usize)?;
        if taken.is_empty() {
            continue;
        }
        cx.out.array(2);
        cx.out.bulk(key);
        cx.out.array(taken.len());
        for (member, score) in &taken {
            cx.out.array(2);
            cx.out.bulk(member);
            cx.out.double(*score);
        }
        let text = taken.len().to_string();
        cx.propagate_as(&[if max { b"ZPOPMAX" } else { b"ZPOPMIN" }, key, text.as_bytes()]);
        return Ok(());
    }
    match until {
        Some(until) if !cx.no_block => cx.block_on(&keys, until, Kind::ZSet),
        _ => cx.out.null_array(),
    }
    Ok(())
}
