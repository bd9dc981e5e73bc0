//! Fields of hashes that expire: HEXPIRE and its relatives.

use super::hash::settle;
use super::prelude::*;
use super::string::Expiry;
use crate::server::errors;

/// The largest time: 46 bits, as Redis stores it.
const LATEST: i64 = (1 << 46) - 1;

/// `FIELDS n field …` from word `at` on; the fields and what follows them.
fn fields<'a>(cx: &Cx<'a>, at: usize, step: usize) -> Result<(&'a [&'a [u8]], usize), Fail> {
    if !cx.is(at, "FIELDS") {
        return Err("ERR Mandatory argument FIELDS is missing or not at the right position".into());
    }
    let count = resp::parse_i64(cx.arg(at + 1)).filter(|n| (1..=i64::from(i32::MAX)).contains(n));
    let Some(count) = count else { return Err("ERR Number of fields must be a positive integer".into()) };
    let end = at + 2 + count as usize * step;
    if end > cx.argc() {
        return Err("ERR The `numfields` parameter must match the number of arguments".into());
    }
    Ok((&cx.argv[at + 2..end], end))
}

fn all_fields<'a>(cx: &Cx<'a>, at: usize) -> Result<&'a [&'a [u8]], Fail> {
    let (fields, end) = fields(cx, at, 1)?;
    if end != cx.argc() {
        return Err("ERR The `numfields` parameter must match the number of arguments".into());
    }
    Ok(fields)
}

fn answer_missing(cx: &mut Cx<'_>, count: usize) {
    cx.out.array(count);
    for _ in 0..count {
        cx.out.int(-2);
    }
}

/// HEXPIRE, HPEXPIRE, HEXPIREAT, HPEXPIREAT.
pub fn expire(cx: &mut Cx<'_>, base: i64, unit: i64) -> Res {
    let key = cx.arg(1);
    let n = cx.int(2)?;
    if n < 0 {
        return Err("ERR invalid expire time, must be >= 0".into());
    }
    let name = cx.cmd.name;
    let invalid = || Fail::from(format!("ERR invalid expire time in '{name}' command"));
    let when =
        n.checked_mul(unit).and_then(|ms| ms.checked_add(base)).filter(|ms| *ms <= LATEST).ok_or_else(invalid)?;
    let mut at = 3;
    let condition = cx.arg(3).to_ascii_uppercase();
    let condition = if matches!(condition.as_slice(), b"NX" | b"XX" | b"GT" | b"LT") {
        at = 4;
        condition
    } else {
        Vec::new()
    };
    let fields = all_fields(cx, at)?;
    settle(cx, key);
    let now = cx.s.now_ms;
    let Some(hash) = cx.s.hash_mut(cx.db, key)? else {
        answer_missing(cx, fields.len());
        return Ok(());
    };
    let before = hash.next_expiry();
    let (mut set, mut deleted, mut answers) = (Vec::new(), Vec::new(), Vec::new());
    for field in fields {
        if !hash.contains(field) {
            answers.push(-2);
            continue;
        }
        let old = hash.ttl(field);
        let refused = match condition.as_slice() {
            b"NX" => old.is_some(),
            b"XX" => old.is_none(),
            b"GT" => old.is_none_or(|o| when <= o),
            b"LT" => old.is_some_and(|o| when >= o),
            _ => false,
        };
        if refused {
            answers.push(0);
        } else if when <= now {
            hash.remove(field);
            deleted.push(*field);
            answers.push(2);
        } else {
            hash.set_ttl(field, Some(when));
            set.push(*field);
            answers.push(1);
        }
    }
    cx.s.dbs[cx.db].update_field_expiry(key, before);
    if !deleted.is_empty() {
        cx.changed(notify::HASH, "hdel", key, deleted.len() as u64);
    }
    if !set.is_empty() {
        cx.changed(notify::HASH, "hexpire", key, set.len() as u64);
    }
    propagate(cx, key, &set, &deleted, when);
    cx.s.delete_if_empty(cx.db, key);
    cx.out.array(answers.len());
    for answer in answers {
        cx.out.int(answer);
    }
    Ok(())
}

/// Propagates the absolute time for the fields that got one, and the deletion of the others.
fn propagate(cx: &mut Cx<'_>, key: &[u8], set: &[&[u8]], deleted: &[&[u8]], when: i64) {
    cx.s.no_propagate = true;
    if !deleted.is_empty() {
        let words: Vec<&[u8]> = [b"HDEL".as_slice(), key].into_iter().chain(deleted.iter().copied()).collect();
        cx.s.also_propagate(cx.db, &words);
    }
    if !set.is_empty() {
        let (when, count) = (when.to_string(), set.len().to_string());
        let head = [b"HPEXPIREAT".as_slice(), key, when.as_bytes(), b"FIELDS", count.as_bytes()];
        let words: Vec<&[u8]> = head.into_iter().chain(set.iter().copied()).collect();
        cx.s.also_propagate(cx.db, &words);
    }
}

/// HTTL and its relatives.
pub fn reply_ttl(cx: &mut Cx<'_>, show: fn(i64, i64) -> i64) -> Res {
    let key = cx.arg(1);
    let fields = all_fields(cx, 2)?;
    settle(cx, key);
    let now = cx.s.now_ms;
    let Some(hash) = cx.s.hash(cx.db, key)? else {
        answer_missing(cx, fields.len());
        return Ok(());
    };
    cx.out.array(fields.len());
    for field in fields {
        cx.out.int(match hash.ttl(field) {
            Some(when) => show(when, now),
            None if hash.contains(field) => -1,
            None => -2,
        });
    }
    Ok(())
}

/// HPERSIST.
pub fn persist(cx: &mut Cx<'_>) -> Res {
    let key = cx.arg(1);
    let fields = all_fields(cx, 2)?;
    settle(cx, key);
    let Some(hash) = cx.s.hash_mut(cx.db, key)? else {
        answer_missing(cx, fields.len());
        return Ok(());
    };
    let before = hash.next_expiry();
    let mut answers = Vec::new();
    for field in fields {
        answers.push(if !hash.contains(field) {
            -2
        } else if hash.ttl(field).is_none() {
            -1
        } else {
            hash.set_ttl(field, None);
            1
        });
    }
    let done = answers.iter().filter(|a| **a == 1).count();
    cx.s.dbs[cx.db].update_field_expiry(key, before);
    if done > 0 {
        cx.changed(notify::HASH, "hpersist", key, done as u64);
    }
    cx.out.array(answers.len());
    for answer in answers {
        cx.out.int(answer);
    }
    Ok(())
}

fn reply_values(cx: &mut Cx<'_>, key: &[u8], fields: &[&[u8]]) -> Result<bool, Fail> {
    let hash = cx.s.hash(cx.db, key)?;
    cx.out.array(fields.len());
    for field in fields {
        match hash.and_then(|h| h.get(field)) {
            Some(value) => cx.out.bulk(&value),
            None => cx.out.null(),
        }
    }
    Ok(hash.is_some())
}

/// HGETDEL.
pub fn get_and_delete(cx: &mut Cx<'_>) -> Res {
    let key = cx.arg(1);
    settle(cx, key);
    cx.s.hash_mut(cx.db, key)?;
    let fields = all_fields(cx, 2)?;
    if !reply_values(cx, key, fields)? {
        return Ok(());
    }
    let Some(hash) = cx.s.hash_mut(cx.db, key)? else { return Ok(()) };
    let before = hash.next_expiry();
    let deleted: Vec<&[u8]> = fields.iter().filter(|f| hash.remove(f)).copied().collect();
    if !deleted.is_empty() {
        cx.s.dbs[cx.db].update_field_expiry(key, before);
        cx.changed(notify::HASH, "hdel", key, deleted.len() as u64);
        let words: Vec<&[u8]> = [b"HDEL".as_slice(), key].into_iter().chain(deleted.iter().copied()).collect();
        cx.propagate_as(&words);
        cx.s.delete_if_empty(cx.db, key);
    }
    Ok(())
}

/// HGETEX.
pub fn get_and_expire(cx: &mut Cx<'_>) -> Res {
    let key = cx.arg(1);
    settle(cx, key);
    cx.s.hash_mut(cx.db, key)?;
    let (mut expiry, mut persist, mut at) = (None, false, 2);
    while at < cx.argc() && !cx.is(at, "FIELDS") {
        let word = cx.arg(at).to_ascii_uppercase();
        match word.as_slice() {
            b"PERSIST" if expiry.is_none() && !persist => persist = true,
            b"EX" | b"PX" | b"EXAT" | b"PXAT" if expiry.is_none() && !persist && at + 1 < cx.argc() => {
                at += 1;
                expiry = Some(Expiry::read(cx, &word, at)?);
            }
            b"PERSIST" | b"EX" | b"PX" | b"EXAT" | b"PXAT" => {
                return Err("ERR Only one of EX, PX, EXAT, PXAT or PERSIST arguments can be specified".into());
            }
            _ => return Err(unknown(cx, at)),
        }
        at += 1;
    }
    let fields = all_fields(cx, at)?;
    if !reply_values(cx, key, fields)? {
        return Ok(());
    }
    let now = cx.s.now_ms;
    let Some(hash) = cx.s.hash_mut(cx.db, key)? else { return Ok(()) };
    let before = hash.next_expiry();
    let (mut set, mut deleted, mut kept) = (Vec::new(), Vec::new(), Vec::new());
    for field in fields.iter().filter(|f| hash.contains(f)).copied().collect::<Vec<_>>() {
        match expiry {
            Some(e) if e.when <= now => {
                hash.remove(field);
                deleted.push(field);
            }
            Some(e) => {
                hash.set_ttl(field, Some(e.when));
                set.push(field);
            }
            None if persist && hash.ttl(field).is_some() => {
                hash.set_ttl(field, None);
                kept.push(field);
            }
            None => {}
        }
    }
    cx.s.dbs[cx.db].update_field_expiry(key, before);
    for (event, list) in [("hdel", &deleted), ("hexpire", &set), ("hpersist", &kept)] {
        if !list.is_empty() {
            cx.changed(notify::HASH, event, key, list.len() as u64);
        }
    }
    if kept.is_empty() {
        propagate(cx, key, &set, &deleted, expiry.map_or(0, |e| e.when));
    } else {
        let count = kept.len().to_string();
        let head = [b"HPERSIST".as_slice(), key, b"FIELDS", count.as_bytes()];
        let words: Vec<&[u8]> = head.into_iter().chain(kept.iter().copied()).collect();
        cx.propagate_as(&words);
    }
    cx.s.delete_if_empty(cx.db, key);
    Ok(())
}

fn unknown(cx: &Cx<'_>, at: usize) -> Fail {
    Fail::Bytes([b"ERR unknown argument: ".as_slice(), cx.arg(at)].concat())
}

/// HSETEX.
pub fn set_and_expire(cx: &mut Cx<'_>) -> Res {
    let key = cx.arg(1);
    let (mut expiry, mut keep, mut condition, mut at) = (None, false, None, 2);
    while at < cx.argc() && !cx.is(at, "FIELDS") {
        let word = cx.arg(at).to_ascii_uppercase();
        match word.as_slice() {
            b"KEEPTTL" if expiry.is_none() && !keep => keep = true,
            b"FNX" | b"FXX" if condition.is_none() => condition = Some(word == b"FNX"),
            b"FNX" | b"FXX" => return Err("ERR Only one of FXX or FNX arguments can be specified".into()),
            b"EX" | b"PX" | b"EXAT" | b"PXAT" if expiry.is_none() && !keep && at + 1 < cx.argc() => {
                at += 1;
                expiry = Some(Expiry::read(cx, &word, at)?);
            }
            b"KEEPTTL" | b"EX" | b"PX" | b"EXAT" | b"PXAT" => {
                return Err("ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified".into());
            }
            _ => return Err(unknown(cx, at)),
        }
        at += 1;
    }
    let (pairs, end) = fields(cx, at, 2)?;
    if end != cx.argc() {
        return Err(errors::arity("hsetex").into());
    }
    settle(cx, key);
    let hash = cx.s.hash_mut(cx.db, key)?;
    let there = |field: &[u8]| hash.as_ref().is_some_and(|h| h.contains(field));
    let holds = match condition {
        None => true,
        Some(missing) => pairs.chunks(2).all(|pair| there(pair[0]) != missing),
    };
    if !holds {
        cx.out.int(0);
        return Ok(());
    }
    let (limits, now) = (cx.s.hot.hash, cx.s.now_ms);
    let hash = cx.s.make_hash(cx.db, key)?;
    hash.will_grow(pairs, limits);
    let before = hash.next_expiry();
    let names: Vec<&[u8]> = pairs.chunks(2).map(|p| p[0]).collect();
    let past = expiry.is_some_and(|e| e.when <= now);
    for pair in pairs.chunks(2) {
        hash.set(pair[0], pair[1], limits);
        match expiry {
            Some(_) if past => {
                hash.remove(pair[0]);
            }
            Some(e) => hash.set_ttl(pair[0], Some(e.when)),
            None if !keep => hash.set_ttl(pair[0], None),
            None => {}
        }
    }
    cx.s.dbs[cx.db].update_field_expiry(key, before);
    cx.changed(notify::HASH, "hset", key, names.len() as u64);
    if past {
        cx.s.notify(notify::HASH, "hdel", key, cx.db);
        let words: Vec<&[u8]> = [b"HDEL".as_slice(), key].into_iter().chain(names.iter().copied()).collect();
        cx.propagate_as(&words);
        cx.s.delete_if_empty(cx.db, key);
    } else if let Some(e) = expiry {
        cx.s.notify(notify::HASH, "hexpire", key, cx.db);
        let (when, count) = (e.when.to_string(), names.len().to_string());
        let head = [b"HSETEX".as_slice(), key, b"PXAT", when.as_bytes(), b"FIELDS", count.as_bytes()];
        let words: Vec<&[u8]> = head.into_iter().chain(pairs.iter().copied()).collect();
        cx.propagate_as(&words);
    }
    cx.out.int(1);
    Ok(())
}
