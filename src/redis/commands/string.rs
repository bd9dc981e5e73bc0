//! What the string commands share.

use super::prelude::*;
use std::ops::Range;

/// The commands that share SET's options.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum For {
    /// SET
    Set,
    /// MSETEX
    Msetex,
    /// GETEX
    Getex,
}

/// Options of SET, MSETEX and GETEX.
#[derive(Clone, Default)]
pub struct Options {
    /// NX
    pub missing: bool,
    /// XX
    pub present: bool,
    /// IFEQ and its relatives
    pub comparison: Option<Comparison>,
    /// GET
    pub get: bool,
    /// KEEPTTL
    pub keep: bool,
    /// PERSIST
    pub persist: bool,
    /// The word (EX, PX, EXAT, PXAT), and where its number stands.
    pub expiry: Option<(Vec<u8>, usize)>,
}

impl Options {
    /// Reads the words from `at` on.
    pub fn read(cx: &Cx<'_>, mut at: usize, command: For) -> Result<Options, Fail> {
        let mut o = Options::default();
        while at < cx.argc() {
            let word = cx.arg(at).to_ascii_uppercase();
            let more = at + 1 < cx.argc();
            let timed = o.expiry.is_some();
            match word.as_slice() {
                b"NX" if !o.present && command != For::Getex => o.missing = true,
                b"XX" if !o.missing && command != For::Getex => o.present = true,
                b"GET" if command == For::Set => o.get = true,
                b"KEEPTTL" if !timed && command != For::Getex => o.keep = true,
                b"PERSIST" if !timed && command == For::Getex => o.persist = true,
                b"EX" | b"PX" | b"EXAT" | b"PXAT"
                    if more && !o.keep && !o.persist && o.expiry.as_ref().is_none_or(|e| e.0 == word) =>
                {
                    at += 1;
                    o.expiry = Some((word, at));
                }
                b"IFEQ" | b"IFNE" | b"IFDEQ" | b"IFDNE"
                    if more
                        && command == For::Set
                        && !o.missing
                        && !o.present
                        && o.comparison.as_ref().is_none_or(|c| c.word == word) =>
                {
                    at += 1;
                    o.comparison = Some(Comparison { word, text: cx.arg(at).to_vec() });
                }
                _ => return Err(err::SYNTAX.into()),
            }
            at += 1;
        }
        Ok(o)
    }

    /// When the value is to expire, in Unix milliseconds.
    pub fn when(&self, cx: &Cx<'_>) -> Result<Option<i64>, Fail> {
        self.expiry.as_ref().map(|(word, at)| read_expiry(cx, word, *at)).transpose()
    }
}

/// The number after EX, PX, EXAT or PXAT as Unix milliseconds.
pub fn read_expiry(cx: &Cx<'_>, unit: &[u8], at: usize) -> Result<i64, Fail> {
    let n = cx.int(at)?;
    let name = cx.cmd.own_name();
    let invalid = || Fail::from(format!("ERR invalid expire time in '{name}' command"));
    if n <= 0 {
        return Err(invalid());
    }
    let ms = if unit.starts_with(b"EX") { n.checked_mul(1000).ok_or_else(invalid)? } else { n };
    if unit.ends_with(b"AT") { Ok(ms) } else { ms.checked_add(cx.s.now_ms).ok_or_else(invalid) }
}

/// A condition on the present value: IFEQ, IFNE, and with a digest IFDEQ, IFDNE.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// Its word.
    pub word: Vec<u8>,
    /// What is compared with.
    pub text: Vec<u8>,
}

impl Comparison {
    /// Whether it holds for a missing key.
    pub fn is_negative(&self) -> bool {
        self.word.ends_with(b"NE")
    }

    /// Whether a value satisfies it.
    pub fn holds(&self, value: &[u8]) -> Result<bool, Fail> {
        let equal = if self.word.starts_with(b"IFD") {
            if self.text.len() != DIGEST_LEN {
                return Err(format!("ERR must be exactly {DIGEST_LEN} hexadecimal characters").into());
            }
            digest(value).as_bytes().eq_ignore_ascii_case(&self.text)
        } else {
            value == self.text
        };
        Ok(equal != self.is_negative())
    }
}

/// Characters of a digest.
const DIGEST_LEN: usize = 16;

/// The digest of a value: XXH3 with 64 bits, in hexadecimal digits.
pub fn digest(value: &[u8]) -> String {
    format!("{:016x}", xxhash_rust::xxh3::xxh3_64(value))
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

/// Sets a key to a string. `when`: Unix milliseconds; a time that has passed leaves a key that expires at once.
pub fn store(cx: &mut Cx<'_>, key: &[u8], value: &[u8], when: Option<i64>, keep_ttl: bool) {
    cx.s.set_key(cx.db, key, Value::string(value), keep_ttl);
    if let Some(when) = when {
        cx.s.dbs[cx.db].set_expire(key, when);
    }
    cx.changed(notify::STRING, "set", key, 1);
    if when.is_some() {
        cx.s.notify(notify::GENERIC, "expire", key, cx.db);
    }
}

/// SETEX and PSETEX: the time is the word behind the key, in seconds (`EX`) or milliseconds (`PX`).
pub fn store_expiring(cx: &mut Cx<'_>, unit: &[u8]) -> Res {
    let (key, value) = (cx.arg(1), cx.arg(3));
    let when = read_expiry(cx, unit, 2)?;
    store(cx, key, value, Some(when), false);
    let when = when.to_string();
    cx.propagate_as(&[b"SET", key, value, b"PXAT", when.as_bytes()]);
    cx.out.ok();
    Ok(())
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
