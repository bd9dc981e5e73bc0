//! What the string commands share.

use super::prelude::*;
use std::ops::Range;

/// When a value is to expire.
#[derive(Clone, Copy, Debug)]
pub struct Expiry {
    /// Unix milliseconds.
    pub when: i64,
}

impl Expiry {
    /// Reads the number after EX, PX, EXAT or PXAT.
    pub fn read(cx: &Cx<'_>, unit: &[u8], at: usize) -> Result<Expiry, Fail> {
        let n = cx.int(at)?;
        let name = cx.cmd.own_name();
        let invalid = || Fail::from(format!("ERR invalid expire time in '{name}' command"));
        if n <= 0 {
            return Err(invalid());
        }
        let ms = if unit.starts_with(b"EX") { n.checked_mul(1000).ok_or_else(invalid)? } else { n };
        let when = if unit.ends_with(b"AT") { ms } else { ms.checked_add(cx.s.now_ms).ok_or_else(invalid)? };
        Ok(Expiry { when })
    }
}

/// A condition on the present value.
#[derive(Clone, Debug)]
pub struct Comparison {
    text: Vec<u8>,
    negated: bool,
    /// `text` is a digest of the value.
    digest: bool,
}

/// How many digits a digest has.
const DIGEST_DIGITS: usize = 16;

/// The digest of a string, as DIGEST gives it: XXH3, 64 bits.
pub fn digest(bytes: &[u8]) -> String {
    format!("{:016x}", xxhash_rust::xxh3::xxh3_64(bytes))
}

impl Comparison {
    /// Reads IFEQ, IFNE, IFDEQ, IFDNE and what stands after it.
    pub fn new(word: &[u8], text: &[u8]) -> Comparison {
        Comparison { text: text.to_vec(), negated: word.ends_with(b"NE"), digest: word.starts_with(b"IFD") }
    }

    /// Whether it holds for a missing key.
    pub fn is_negative(&self) -> bool {
        self.negated
    }

    fn holds(&self, bytes: &[u8]) -> Result<bool, Fail> {
        if self.digest && self.text.len() != DIGEST_DIGITS {
            return Err(format!("ERR must be exactly {DIGEST_DIGITS} hexadecimal characters").into());
        }
        let equal = match self.digest {
            true => digest(bytes).as_bytes().eq_ignore_ascii_case(&self.text),
            false => bytes == self.text,
        };
        Ok(equal != self.negated)
    }
}

/// Whether the present value satisfies a condition; `None` if there is no value.
pub fn compares(cx: &mut Cx<'_>, key: &[u8], wanted: &Comparison) -> Result<Option<bool>, Fail> {
    let Some(value) = cx.s.read(cx.db, key) else { return Ok(None) };
    let Some(bytes) = value.bytes() else { return Err(err::WRONG_TYPE.into()) };
    wanted.holds(&bytes).map(Some)
}

/// Replies with a key's string.
pub fn reply_string(cx: &mut Cx<'_>, key: &[u8]) -> Res {
    match cx.s.read(cx.db, key) {
        None => cx.out.null(),
        Some(Value::Int(n)) => {
            let n = *n;
            cx.out.bulk_int(n);
        }
        Some(value) => match value.bytes() {
            Some(bytes) => cx.out.bulk(&bytes),
            None => return Err(err::WRONG_TYPE.into()),
        },
    }
    Ok(())
}

/// Sets a key to a string.
pub fn store(cx: &mut Cx<'_>, key: &[u8], value: &[u8], expiry: Option<Expiry>, keep_ttl: bool) {
    cx.s.set_key(cx.db, key, Value::string(value), keep_ttl);
    cx.changed(notify::STRING, "set", key, 1);
    let Some(expiry) = expiry else { return };
    if expiry.when <= cx.s.now_ms && !cx.s.loading && !cx.s.repl.is_replica() {
        cx.s.delete(cx.db, key);
        cx.propagate_as(&[b"DEL", key]);
        cx.s.notify(notify::GENERIC, "del", key, cx.db);
        return;
    }
    cx.s.dbs[cx.db].set_expire(key, expiry.when);
    cx.s.notify(notify::GENERIC, "expire", key, cx.db);
}

/// SETEX and PSETEX.
pub fn store_expiring(cx: &mut Cx<'_>, key: &[u8], value: &[u8], expiry: Expiry) {
    store(cx, key, value, Some(expiry), false);
    let when = expiry.when.to_string();
    cx.propagate_as(&[b"SET", key, value, b"PXAT", when.as_bytes()]);
}

/// MSET.
pub fn set_pairs(cx: &mut Cx<'_>) -> Res {
    if cx.argc().is_multiple_of(2) {
        return Err(crate::server::errors::arity(cx.cmd.name).into());
    }
    for pair in cx.argv[1..].chunks(2) {
        store(cx, pair[0], pair[1], None, false);
    }
    Ok(())
}

/// INCR and its relatives.
pub fn add(cx: &mut Cx<'_>, by: i64) -> Res {
    let key = cx.arg(1);
    let place = cx.s.used(cx.db, key);
    let old = match place.and_then(|p| cx.s.value_at(cx.db, p)) {
        None => None,
        Some(Value::Int(n)) => Some(*n),
        Some(value) => {
            let Some(bytes) = value.bytes() else { return Err(err::WRONG_TYPE.into()) };
            Some(resp::parse_i64(&bytes).ok_or(Fail::from(err::NOT_INT))?)
        }
    };
    let Some(sum) = old.unwrap_or(0).checked_add(by) else { return Err(err::OVERFLOW.into()) };
    match place.and_then(|p| cx.s.value_at(cx.db, p)) {
        Some(value) => *value = Value::Int(sum),
        None => cx.s.add_key(cx.db, key, Value::Int(sum)),
    }
    cx.changed(notify::STRING, "incrby", key, 1);
    cx.out.int(sum);
    Ok(())
}

/// An error where a string would grow beyond the limit.
pub fn check_len(limit: i64, len: usize, more: usize) -> Res {
    match len.checked_add(more) {
        Some(total) if total as u64 <= limit as u64 => Ok(()),
        _ => Err("ERR string exceeds maximum allowed size (proto-max-bulk-len)".into()),
    }
}

/// The bytes that a range of indexes means, negative ones counted from the end.
pub fn range(start: i64, end: i64, len: usize) -> Range<usize> {
    let len = len as i64;
    if start < 0 && end < 0 && start > end {
        return 0..0;
    }
    let from = if start < 0 { (start + len).max(0) } else { start };
    let to = (if end < 0 { (end + len).max(0) } else { end }).min(len - 1);
    if len == 0 || from > to { 0..0 } else { from as usize..to as usize + 1 }
}
