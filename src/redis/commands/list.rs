//! What the list commands share.

use super::prelude::*;
use crate::data::list::End;
use crate::server::blocking::numbered_keys;
use std::ops::Range;

/// The indexes that a range means, negative ones counted from the end.
pub fn range(start: i64, end: i64, len: usize) -> Range<usize> {
    let len = len as i64;
    let from = if start < 0 { (start + len).max(0) } else { start };
    let to = (if end < 0 { end + len } else { end }).min(len - 1);
    if from > to || from >= len { 0..0 } else { from as usize..to as usize + 1 }
}

/// LEFT or RIGHT.
pub fn end(word: &[u8]) -> Result<End, Fail> {
    match word.to_ascii_uppercase().as_slice() {
        b"LEFT" => Ok(End::Left),
        b"RIGHT" => Ok(End::Right),
        _ => Err(err::SYNTAX.into()),
    }
}

fn event(end: End, push: bool) -> &'static str {
    match (end, push) {
        (End::Left, true) => "lpush",
        (End::Right, true) => "rpush",
        (End::Left, false) => "lpop",
        (End::Right, false) => "rpop",
    }
}

/// Adds values at one end.
fn add(cx: &mut Cx<'_>, key: &[u8], end: End, values: &[&[u8]]) -> Result<usize, Fail> {
    let fill = cx.s.hot.fill;
    let list = cx.s.make_list(cx.db, key)?;
    list.will_grow(fill, values);
    for value in values {
        list.push(end, value, fill);
    }
    let len = list.len();
    cx.s.signal_ready(cx.db, key);
    cx.changed(notify::LIST, event(end, true), key, values.len() as u64);
    Ok(len)
}

/// LPUSH and its relatives.
pub fn push(cx: &mut Cx<'_>, end: End, only_if_there: bool) -> Res {
    let key = cx.arg(1);
    if only_if_there && cx.s.list_mut(cx.db, key)?.is_none() {
        cx.out.int(0);
        return Ok(());
    }
    let len = add(cx, key, end, &cx.argv[2..])?;
    cx.out.len(len);
    Ok(())
}

/// Takes up to `count` values from a list that is there.
fn take(cx: &mut Cx<'_>, key: &[u8], end: End, count: usize) -> Result<Vec<Vec<u8>>, Fail> {
    let fill = cx.s.hot.fill;
    let Some(list) = cx.s.list_mut(cx.db, key)? else { return Ok(Vec::new()) };
    let mut values = Vec::with_capacity(count.min(list.len()));
    while values.len() < count {
        match list.pop(end) {
            Some(value) => values.push(value),
            None => break,
        }
    }
    list.did_shrink(fill);
    if !values.is_empty() {
        cx.changed(notify::LIST, event(end, false), key, values.len() as u64);
        cx.s.delete_if_empty(cx.db, key);
    }
    Ok(values)
}

/// LPOP and RPOP.
pub fn pop(cx: &mut Cx<'_>, end: End) -> Res {
    if cx.argc() > 3 {
        return Err(crate::server::errors::arity(cx.cmd.name).into());
    }
    let key = cx.arg(1);
    let mut count = None;
    if cx.argc() == 3 {
        let n = cx.int_or(2, err::NOT_POSITIVE)?;
        count = Some(usize::try_from(n).map_err(|_| Fail::from(err::NOT_POSITIVE))?);
    }
    let missing = cx.s.list_mut(cx.db, key)?.is_none();
    match count {
        None if missing => cx.out.null(),
        Some(_) if missing => cx.out.null_array(),
        None => match take(cx, key, end, 1)?.first() {
            Some(value) => cx.out.bulk(value),
            None => cx.out.null(),
        },
        Some(count) => {
            let values = take(cx, key, end, count)?;
            cx.out.array(values.len());
            for value in values {
                cx.out.bulk(&value);
            }
        }
    }
    Ok(())
}

/// LMOVE: from `argv[1]` to `argv[2]`. False if there is nothing to move.
pub fn shift(cx: &mut Cx<'_>, from: End, to: End) -> Result<bool, Fail> {
    let (source, target) = (cx.arg(1), cx.arg(2));
    if cx.s.list_mut(cx.db, source)?.is_none() {
        return Ok(false);
    }
    cx.s.list_mut(cx.db, target)?;
    let fill = cx.s.hot.fill;
    let Some(value) = cx.s.list_mut(cx.db, source)?.and_then(|l| l.pop(from)) else { return Ok(false) };
    let same = source == target;
    add(cx, target, to, &[&value])?;
    if let Some(list) = cx.s.list_mut(cx.db, source)? {
        list.did_shrink(fill);
    }
    cx.changed(notify::LIST, event(from, false), source, 0);
    if !same {
        cx.s.delete_if_empty(cx.db, source);
    }
    cx.out.bulk(&value);
    match cx.cmd.name {
        "brpoplpush" => cx.propagate_as(&[b"RPOPLPUSH", source, target]),
        "blmove" => cx.propagate_as(&[b"LMOVE", source, target, cx.arg(3), cx.arg(4)]),
        _ => {}
    }
    Ok(true)
}

/// BLMOVE.
pub fn shift_or_wait(cx: &mut Cx<'_>, from: End, to: End, until: i64) -> Res {
    if shift(cx, from, to)? {
        return Ok(());
    }
    if cx.no_block {
        cx.out.null();
    } else {
        cx.block_on(&[cx.arg(1)], until, Kind::List);
    }
    Ok(())
}

/// BLPOP and BRPOP.
pub fn pop_or_wait(cx: &mut Cx<'_>, end: End) -> Res {
    let last = cx.argc() - 1;
    let until = cx.timeout(last)?;
    let keys = &cx.argv[1..last];
    for key in keys {
        if cx.s.list_mut(cx.db, key)?.is_none() {
            continue;
        }
        let Some(value) = take(cx, key, end, 1)?.pop() else { continue };
        cx.out.array(2);
        cx.out.bulk(key);
        cx.out.bulk(&value);
        cx.propagate_as(&[if end == End::Left { b"LPOP" } else { b"RPOP" }, key]);
        return Ok(());
    }
    if cx.no_block {
        cx.out.null_array();
    } else {
        cx.block_on(keys, until, Kind::List);
    }
    Ok(())
}

/// LMPOP and BLMPOP; `numkeys` is word `at`.
pub fn pop_many(cx: &mut Cx<'_>, at: usize, timeout: Option<usize>) -> Res {
    let (keys, mut at) = numbered_keys(cx, at)?;
    let end = end(cx.arg(at))?;
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
        if cx.s.list_mut(cx.db, key)?.is_none() {
            continue;
        }
        let values = take(cx, key, end, count as usize)?;
        cx.out.array(2);
        cx.out.bulk(key);
        cx.out.array(values.len());
        for value in &values {
            cx.out.bulk(value);
        }
        let taken = values.len().to_string();
        cx.propagate_as(&[if end == End::Left { b"LPOP" } else { b"RPOP" }, key, taken.as_bytes()]);
        return Ok(());
    }
    match until {
        Some(until) if !cx.no_block => cx.block_on(&keys, until, Kind::List),
        _ => cx.out.null_array(),
    }
    Ok(())
}
