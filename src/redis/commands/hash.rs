//! What the hash commands share.

use super::prelude::*;
use crate::server::Server;
use std::collections::BTreeSet;

/// Lets all fields go whose time has come, before a command picks some of them.
pub fn settle(cx: &mut Cx<'_>, key: &[u8]) {
    let now = cx.s.now_ms;
    let due = match cx.s.peek(cx.db, key) {
        Some(Value::Hash(hash)) => hash.next_expiry().is_some_and(|when| when <= now),
        _ => false,
    };
    if due && !cx.s.keeps_fields() && cx.s.field_clock() == now {
        let mut budget = usize::MAX;
        cx.s.expire_fields(cx.db, key, &mut budget);
    }
}

/// Sets fields, dropping their times to live; how many are new.
pub fn set_pairs(cx: &mut Cx<'_>, key: &[u8], pairs: &[&[u8]]) -> Result<usize, Fail> {
    let limits = cx.s.hot.hash;
    let hash = cx.s.make_hash(cx.db, key)?;
    hash.will_grow(pairs, limits);
    let before = hash.next_expiry();
    let mut created = 0;
    for pair in pairs.chunks_exact(2) {
        created += usize::from(hash.set(pair[0], pair[1], limits));
        if before.is_some() {
            hash.set_ttl(pair[0], None);
        }
    }
    if before.is_some() {
        cx.s.dbs[cx.db].update_field_expiry(key, before);
    }
    Ok(created)
}

/// Sets one field, leaving its time to live alone.
pub fn set_keeping_ttl(cx: &mut Cx<'_>, key: &[u8], field: &[u8], value: &[u8]) -> Res {
    let limits = cx.s.hot.hash;
    cx.s.make_hash(cx.db, key)?.set(field, value, limits);
    Ok(())
}

/// Random places: distinct ones for a positive count, with repetitions for a negative one. In portions, since with
/// repetitions they may be more than a reply can hold: then it ends early, and so does the connection.
pub fn random_places(cx: &mut Cx<'_>, len: usize, count: i64, mut put: impl FnMut(&mut Cx<'_>, &[usize])) {
    const PORTION: u64 = 1024;
    if len == 0 || count == 0 {
        return;
    }
    if count > 0 {
        let places = distinct_places(cx.s, len, count.unsigned_abs());
        put(cx, &places);
        return;
    }
    let mut left = count.unsigned_abs();
    while left > 0 && !cx.reply_is_too_long() {
        let places: Vec<usize> = (0..left.min(PORTION)).map(|_| cx.s.random_below(len)).collect();
        put(cx, &places);
        left -= places.len() as u64;
    }
}

/// How many places [`random_places`] gives.
pub fn random_len(len: usize, count: i64) -> usize {
    match usize::try_from(count) {
        Ok(count) => count.min(len),
        Err(_) if len == 0 => 0,
        Err(_) => usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX),
    }
}

fn distinct_places(s: &mut Server, len: usize, count: u64) -> Vec<usize> {
    if count >= len as u64 {
        return (0..len).collect();
    }
    let (mut chosen, mut places) = (BTreeSet::new(), Vec::new());
    while (places.len() as u64) < count {
        let at = s.random_below(len);
        if chosen.insert(at) {
            places.push(at);
        }
    }
    places
}
