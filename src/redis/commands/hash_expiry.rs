//! Fields of hashes that expire: HEXPIRE and its relatives.

use super::prelude::*;
use crate::server::errors;

/// The largest time: 46 bits, as Redis stores it.
const LATEST: i64 = (1 << 46) - 1;

/// `FIELDS n field …` as the words from `at` on, and nothing behind it.
fn all_fields<'a>(cx: &Cx<'a>, at: usize) -> Result<&'a [&'a [u8]], Fail> {
    if !cx.is(at, "FIELDS") {
        return Err("ERR Mandatory argument FIELDS is missing or not at the right position".into());
    }
    let count = cx.int_or(at + 1, "ERR Number of fields must be a positive integer")?;
    if count < 1 {
        return Err("ERR Number of fields must be a positive integer".into());
    }
    if count as u64 != (cx.argc() - at - 2) as u64 {
        return Err("ERR The `numfields` parameter must match the number of arguments".into());
    }
    Ok(&cx.argv[at + 2..])
}

/// The count behind FIELDS at `at`, and the fields (with their values if `step` is 2).
fn counted<'a>(cx: &Cx<'a>, at: usize, step: usize, bad_count: &'static str) -> Result<&'a [&'a [u8]], Fail> {
    let count = cx.int_or(at + 1, bad_count)?;
    if !(1..=i64::from(i32::MAX)).contains(&count) {
        return Err(bad_count.into());
    }
    let words = cx.argv.get(at + 2..at + 2 + count as usize * step);
    words.ok_or(Fail::from("ERR wrong number of arguments"))
}

/// An absolute time (ms) from a number of `unit` milliseconds after `base`.
fn instant(cx: &Cx<'_>, at: usize, unit: i64, base: i64) -> Result<i64, Fail> {
    let n = cx.int(at)?;
    if n < 0 {
        return Err("ERR invalid expire time, must be >= 0".into());
    }
    let name = cx.cmd.own_name();
    let when = n.checked_mul(unit).filter(|ms| *ms <= LATEST).and_then(|ms| ms.checked_add(base));
    when.filter(|ms| *ms <= LATEST).ok_or_else(|| Fail::from(format!("ERR invalid expire time in '{name}' command")))
}

fn unknown(cx: &Cx<'_>, at: usize) -> Fail {
    Fail::Bytes([b"ERR unknown argument: ".as_slice(), errors::until_nul(cx.arg(at))].concat())
}

/// Options of HGETEX and HSETEX, in any order around FIELDS.
#[derive(Default)]
struct Options<'a> {
    fields: Option<&'a [&'a [u8]]>,
    /// Unix milliseconds.
    when: Option<i64>,
    /// Where its number stands.
    when_at: usize,
    persist: bool,
    keep: bool,
    /// FNX, FXX: whether the fields must be missing.
    missing: Option<bool>,
}

impl<'a> Options<'a> {
    /// `step`: words a field, 2 for HSETEX.
    fn read(cx: &Cx<'a>, step: usize) -> Result<Options<'a>, Fail> {
        let (mut o, mut at) = (Options::default(), 2);
        let one = if step == 2 { "KEEPTTL" } else { "PERSIST" };
        let only_one = || Fail::from(format!("ERR Only one of EX, PX, EXAT, PXAT or {one} arguments can be specified"));
        while at < cx.argc() {
            let word = cx.arg(at).to_ascii_uppercase();
            match word.as_slice() {
                b"FIELDS" if o.fields.is_some() => return Err("ERR FIELDS keyword specified multiple times".into()),
                b"FIELDS" if at + 1 >= cx.argc() => return Err(errors::arity(cx.cmd.own_name()).into()),
                b"FIELDS" => {
                    let fields = counted(cx, at, step, "ERR invalid number of fields")?;
                    at += 1 + fields.len();
                    o.fields = Some(fields);
                }
                b"EX" | b"PX" | b"EXAT" | b"PXAT" => {
                    if o.when.is_some() || o.keep || o.persist {
                        return Err(only_one());
                    }
                    at += 1;
                    if at >= cx.argc() {
                        return Err("ERR missing expire time".into());
                    }
                    let unit = if word.starts_with(b"EX") { 1000 } else { 1 };
                    let base = if word.ends_with(b"AT") { 0 } else { cx.s.now_ms };
                    o.when = Some(instant(cx, at, unit, base)?);
                    o.when_at = at;
                }
                b"PERSIST" if o.when.is_some() || o.persist => return Err(only_one()),
                b"PERSIST" => o.persist = true,
                b"KEEPTTL" if o.when.is_some() || o.keep => return Err(only_one()),
                b"KEEPTTL" => o.keep = true,
                b"FNX" | b"FXX" if o.missing.is_some() => {
                    return Err("ERR Only one of FXX or FNX arguments can be specified".into());
                }
                b"FNX" | b"FXX" => o.missing = Some(word == b"FNX"),
                _ => return Err(unknown(cx, at)),
            }
            at += 1;
        }
        if o.fields.is_none() {
            return Err("ERR missing FIELDS argument".into());
        }
        if if step == 2 { o.persist } else { o.keep || o.missing.is_some() } {
            return Err("ERR unknown argument".into());
        }
        Ok(o)
    }
}

fn answer_missing(cx: &mut Cx<'_>, count: usize) {
    cx.out.array(count);
    for _ in 0..count {
        cx.out.int(-2);
    }
}

/// The condition (none is empty) and the fields of HEXPIRE, in any order.
fn expire_words<'a>(cx: &Cx<'a>) -> Result<(Vec<u8>, &'a [&'a [u8]]), Fail> {
    let (mut condition, mut several, mut fields, mut at) = (Vec::new(), false, None, 3);
    while at < cx.argc() {
        let word = cx.arg(at).to_ascii_uppercase();
        match word.as_slice() {
            b"FIELDS" if fields.is_some() => return Err("ERR FIELDS keyword specified multiple times".into()),
            b"FIELDS" if at + 2 >= cx.argc() => {
                return Err("ERR FIELDS requires at least numfields and one field argument".into());
            }
            b"FIELDS" => {
                let found = counted(cx, at, 1, "ERR Parameter `numFields` should be greater than 0")?;
                at += 1 + found.len();
                fields = Some(found);
            }
            b"NX" | b"XX" | b"GT" | b"LT" => {
                several |= !condition.is_empty() && condition != word;
                condition = word;
            }
            _ => return Err(unknown(cx, at)),
        }
        at += 1;
    }
    let Some(fields) = fields else { return Err("ERR missing FIELDS argument".into()) };
    if several {
        return Err("ERR Multiple condition flags specified".into());
    }
    Ok((condition, fields))
}

/// HEXPIRE, HPEXPIRE, HEXPIREAT, HPEXPIREAT.
pub fn expire(cx: &mut Cx<'_>, base: i64, unit: i64) -> Res {
    let key = cx.arg(1);
    cx.s.hash_mut(cx.db, key)?;
    let when = instant(cx, 2, unit, base)?;
    let (condition, fields) = expire_words(cx)?;
    let past = is_past(cx, when);
    let Some(hash) = cx.s.hash_mut(cx.db, key)? else {
        answer_missing(cx, fields.len());
        return Ok(());
    };
    hash.mark_ttl();
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
        } else if past {
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
    cx.s.count.expired_fields += deleted.len() as u64;
    if !deleted.is_empty() {
        cx.changed(notify::HASH, "hdel", key, deleted.len() as u64);
    }
    if !set.is_empty() {
        cx.changed(notify::HASH, "hexpire", key, set.len() as u64);
    }
    propagate_deleted(cx, key, &deleted);
    if !set.is_empty() {
        propagate_expire(cx, &set, fields, when);
    }
    cx.s.delete_if_empty(cx.db, key);
    cx.out.array(answers.len());
    for answer in answers {
        cx.out.int(answer);
    }
    Ok(())
}

/// Whether fields that are to go at this time are gone at once: a replica leaves that to its master.
fn is_past(cx: &Cx<'_>, when: i64) -> bool {
    when <= cx.s.now_ms && !cx.s.loading && !cx.s.takes_what_is_over()
}

/// Propagates that each of these fields is gone, instead of the command.
fn propagate_deleted(cx: &mut Cx<'_>, key: &[u8], deleted: &[&[u8]]) {
    cx.s.no_propagate = true;
    for field in deleted {
        cx.s.also_propagate(cx.db, &[b"HDEL", key, field]);
    }
}

/// Propagates HEXPIRE and its relatives: the absolute time, for the fields that got it.
fn propagate_expire(cx: &mut Cx<'_>, set: &[&[u8]], fields: &[&[u8]], when: i64) {
    let (when, count) = (when.to_string(), set.len().to_string());
    let mut words: Vec<&[u8]> = cx.argv.to_vec();
    if cx.cmd.name != "hpexpireat" {
        words[0] = b"HPEXPIREAT";
        words[2] = when.as_bytes();
    }
    let first = cx.argv.windows(fields.len().max(1)).position(|part| std::ptr::eq(part, fields));
    if let Some(first) = first
        && set.len() != fields.len()
    {
        words[first - 1] = count.as_bytes();
        words.splice(first..first + fields.len(), set.iter().copied());
    }
    cx.s.also_propagate(cx.db, &words);
}

/// HTTL and its relatives.
pub fn reply_ttl(cx: &mut Cx<'_>, show: fn(i64, i64) -> i64) -> Res {
    let key = cx.arg(1);
    cx.s.hash(cx.db, key)?;
    let fields = all_fields(cx, 2)?;
    let now = cx.s.now_ms;
    let Some(Value::Hash(hash)) = cx.s.peek(cx.db, key) else {
        answer_missing(cx, fields.len());
        return Ok(());
    };
    cx.out.array(fields.len());
    for field in fields {
        cx.out.int(match hash.ttl(field) {
            Some(when) if when < now => -2,
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
    cx.s.hash_mut(cx.db, key)?;
    let fields = all_fields(cx, 2)?;
    let now = cx.s.now_ms;
    let Some(hash) = cx.s.hash_mut(cx.db, key)? else {
        answer_missing(cx, fields.len());
        return Ok(());
    };
    let before = hash.next_expiry();
    let mut answers = Vec::new();
    for field in fields {
        answers.push(if !hash.contains(field) || hash.is_over(field, now) {
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
        cx.changed(notify::HASH, "hpersist", key, 1);
    }
    cx.out.array(answers.len());
    for answer in answers {
        cx.out.int(answer);
    }
    Ok(())
}

/// HGETDEL.
pub fn get_and_delete(cx: &mut Cx<'_>) -> Res {
    let key = cx.arg(1);
    cx.s.hash_mut(cx.db, key)?;
    let fields = all_fields(cx, 2)?;
    let expired = cx.s.drop_over(cx.db, key, fields);
    let now = cx.s.field_clock();
    cx.out.array(fields.len());
    let Some(hash) = cx.s.hash_mut(cx.db, key)? else {
        fields.iter().for_each(|_| cx.out.null());
        return Ok(());
    };
    let before = hash.next_expiry();
    let mut deleted = 0;
    for field in fields {
        let Some(value) = hash.get_at(field, now) else {
            cx.out.null();
            continue;
        };
        cx.out.bulk(&value);
        deleted += u64::from(hash.remove(field));
    }
    cx.s.dbs[cx.db].update_field_expiry(key, before);
    say_expired(cx, key, expired);
    if deleted > 0 {
        cx.changed(notify::HASH, "hdel", key, deleted);
        let words: Vec<&[u8]> = [b"HDEL".as_slice(), key].into_iter().chain(fields.iter().copied()).collect();
        cx.propagate_as(&words);
    }
    cx.s.delete_if_empty(cx.db, key);
    Ok(())
}

/// The event of fields that a command met after their time.
fn say_expired(cx: &mut Cx<'_>, key: &[u8], fields: usize) {
    if fields > 0 {
        cx.s.key_modified(cx.db, key, cx.client);
        cx.s.notify(notify::HASH, "hexpired", key, cx.db);
    }
}

/// HGETEX.
pub fn get_and_expire(cx: &mut Cx<'_>) -> Res {
    let key = cx.arg(1);
    cx.s.hash_mut(cx.db, key)?;
    let options = Options::read(cx, 1)?;
    let (when, fields) = (options.when, options.fields.unwrap_or_default());
    let past = when.is_some_and(|when| is_past(cx, when));
    let expired = cx.s.drop_over(cx.db, key, fields);
    let now = cx.s.field_clock();
    cx.out.array(fields.len());
    let Some(hash) = cx.s.hash_mut(cx.db, key)? else {
        fields.iter().for_each(|_| cx.out.null());
        return Ok(());
    };
    if when.is_some() || options.persist {
        hash.mark_ttl();
    }
    let before = hash.next_expiry();
    let (mut set, mut deleted, mut kept) = (Vec::new(), Vec::new(), Vec::new());
    for field in fields.iter().copied() {
        let Some(value) = hash.get_at(field, now) else {
            cx.out.null();
            continue;
        };
        cx.out.bulk(&value);
        match when {
            Some(_) if past => {
                hash.remove(field);
                deleted.push(field);
            }
            Some(when) => {
                hash.set_ttl(field, Some(when));
                set.push(field);
            }
            None if options.persist && hash.ttl(field).is_some() => {
                hash.set_ttl(field, None);
                kept.push(field);
            }
            None => {}
        }
    }
    cx.s.dbs[cx.db].update_field_expiry(key, before);
    cx.s.count.expired_fields += deleted.len() as u64;
    say_expired(cx, key, expired);
    for (event, list) in [("hdel", &deleted), ("hexpire", &set), ("hpersist", &kept)] {
        if !list.is_empty() {
            cx.changed(notify::HASH, event, key, list.len() as u64);
        }
    }
    propagate_deleted(cx, key, &deleted);
    propagate_times(cx, key, when.filter(|_| !set.is_empty()), !kept.is_empty(), fields);
    cx.s.delete_if_empty(cx.db, key);
    Ok(())
}

/// Propagates what HGETEX did to times to live, as the command that does only this.
fn propagate_times(cx: &mut Cx<'_>, key: &[u8], set: Option<i64>, kept: bool, fields: &[&[u8]]) {
    let (time, count) = (set.unwrap_or(0).to_string(), fields.len().to_string());
    let head: &[&[u8]] = match (set, kept) {
        (Some(_), _) => &[b"HPEXPIREAT", key, time.as_bytes(), b"FIELDS", count.as_bytes()],
        (_, true) => &[b"HPERSIST", key, b"FIELDS", count.as_bytes()],
        _ => return,
    };
    cx.s.also_propagate(cx.db, &[head, fields].concat());
}

/// Whether HSETEX may set these fields: all of them missing, or none. It looks no further than to the first that is
/// not so; also how many of those it looked at went, their time being over.
fn condition_holds(cx: &mut Cx<'_>, key: &[u8], missing: Option<bool>, pairs: &[&[u8]]) -> (bool, usize) {
    let Some(missing) = missing else { return (true, 0) };
    let (now, mut expired) = (cx.s.field_clock(), 0);
    for pair in pairs.chunks_exact(2) {
        expired += cx.s.drop_over(cx.db, key, &pair[..1]);
        let there = match cx.s.peek(cx.db, key) {
            Some(Value::Hash(hash)) => hash.contains(pair[0]) && !hash.is_over(pair[0], now),
            _ => false,
        };
        if there == missing {
            return (false, expired);
        }
    }
    (true, expired)
}

/// HSETEX.
pub fn set_and_expire(cx: &mut Cx<'_>) -> Res {
    let key = cx.arg(1);
    let Options { when, when_at, keep, missing, fields, .. } = Options::read(cx, 2)?;
    let pairs = fields.unwrap_or_default();
    cx.s.hash_mut(cx.db, key)?;
    let (holds, expired) = condition_holds(cx, key, missing, pairs);
    if !holds {
        say_expired(cx, key, expired);
        cx.s.delete_if_empty(cx.db, key);
        cx.out.int(0);
        return Ok(());
    }
    let limits = cx.s.hot.hash;
    let past = when.is_some_and(|when| is_past(cx, when));
    let hash = cx.s.make_hash(cx.db, key)?;
    hash.will_grow(pairs, limits);
    if when.is_some() {
        hash.mark_ttl();
    }
    let before = hash.next_expiry();
    let names: Vec<&[u8]> = pairs.chunks(2).map(|p| p[0]).collect();
    for pair in pairs.chunks(2) {
        hash.set(pair[0], pair[1], limits);
        match when {
            Some(_) if past => {
                hash.remove(pair[0]);
            }
            Some(when) => hash.set_ttl(pair[0], Some(when)),
            None if !keep => hash.set_ttl(pair[0], None),
            None => {}
        }
    }
    cx.s.dbs[cx.db].update_field_expiry(key, before);
    say_expired(cx, key, expired);
    cx.changed(notify::HASH, "hset", key, names.len() as u64);
    if past {
        cx.s.count.expired_fields += names.len() as u64;
        cx.s.notify(notify::HASH, "hdel", key, cx.db);
        propagate_deleted(cx, key, &names);
        cx.s.delete_if_empty(cx.db, key);
    } else if let Some(when) = when {
        cx.s.notify(notify::HASH, "hexpire", key, cx.db);
        if !cx.is(when_at - 1, "PXAT") {
            let when = when.to_string();
            let mut words = cx.argv.to_vec();
            words[when_at - 1] = b"PXAT";
            words[when_at] = when.as_bytes();
            cx.propagate_as(&words);
        }
    }
    cx.out.int(1);
    Ok(())
}
