//! What the commands on keys share.

use super::prelude::*;
use crate::keyspace::db::FOREVER;
use crate::keyspace::slots::slot_of;
use crate::server::{Server, glob, number};

/// The options of the SCAN family.
pub struct ScanOptions<'a> {
    /// Where to go on.
    pub cursor: u64,
    /// COUNT
    pub count: i64,
    /// MATCH
    pub pattern: Option<&'a [u8]>,
    /// TYPE
    pub kind: Option<&'a [u8]>,
    /// NOVALUES
    pub no_values: bool,
}

/// The cursor of a scan.
pub fn scan_cursor(cx: &Cx<'_>, at: usize) -> Result<u64, Fail> {
    number::string2ull(cx.arg(at)).ok_or(Fail::from("ERR invalid cursor"))
}

/// What a scan replies where there is no key.
pub fn empty_scan(cx: &mut Cx<'_>) -> Res {
    cx.out.array(2);
    cx.out.text("0");
    cx.out.array(0);
    Ok(())
}

impl<'a> ScanOptions<'a> {
    /// Reads cursor and options; the cursor is word `at`.
    pub fn read(cx: &Cx<'a>, at: usize) -> Result<ScanOptions<'a>, Fail> {
        let cursor = scan_cursor(cx, at)?;
        let mut options = ScanOptions { cursor, count: 10, pattern: None, kind: None, no_values: false };
        let mut at = at + 1;
        while at < cx.argc() {
            let more = at + 1 < cx.argc();
            if cx.is(at, "COUNT") && more {
                options.count = cx.int(at + 1)?;
                if options.count < 1 {
                    return Err(err::SYNTAX.into());
                }
                at += 2;
            } else if cx.is(at, "MATCH") && more {
                options.pattern = Some(cx.arg(at + 1)).filter(|p| *p != b"*");
                at += 2;
            } else if cx.is(at, "TYPE") && more && cx.cmd.name == "scan" {
                options.kind = Some(cx.arg(at + 1));
                at += 2;
            } else if cx.is(at, "NOVALUES") && cx.cmd.name == "hscan" {
                options.no_values = true;
                at += 1;
            } else if cx.is(at, "NOVALUES") {
                return Err("ERR NOVALUES option can only be used in HSCAN".into());
            } else {
                return Err(err::SYNTAX.into());
            }
        }
        Ok(options)
    }

    /// Whether a name matches the pattern.
    pub fn matches(&self, name: &[u8]) -> bool {
        self.pattern.is_none_or(|p| glob::matches(p, name, false))
    }
}

/// A word as an integer of 32 bits.
pub fn int_32(cx: &Cx<'_>, at: usize) -> Result<i64, Fail> {
    let n = cx.int(at)?;
    if i32::try_from(n).is_err() {
        return Err("ERR value is out of range, value must between -2147483648 and 2147483647".into());
    }
    Ok(n)
}

/// The slot that all keys matching a pattern have, where its hash tag has no wildcard.
pub fn pattern_slot(pattern: &[u8]) -> Option<usize> {
    let open = pattern.iter().position(|c| *c == b'{')?;
    let len = pattern[open + 1..].iter().position(|c| *c == b'}')?;
    let special = |part: &[u8]| part.iter().any(|c| b"*?[\\".contains(c));
    let tag = &pattern[open + 1..open + 1 + len];
    (len > 0 && !special(&pattern[..open]) && !special(tag)).then(|| slot_of(&pattern[open..open + len + 2]))
}

/// Puts a value where no key is, with its time to live.
pub fn put(s: &mut Server, db: usize, key: &[u8], value: Value, expire: Option<i64>) {
    s.add_key(db, key, value);
    s.dbs[db].update_field_expiry(key, None);
    if let Some(when) = expire {
        s.dbs[db].set_expire(key, when);
    }
}

/// Moves a value to another place that is free.
pub fn transfer(s: &mut Server, from: (usize, &[u8]), to: (usize, &[u8])) {
    let Some(record) = s.dbs[from.0].remove(from.1) else { return };
    let expire = Some(record.expire()).filter(|e| *e != FOREVER);
    s.signal_gone(from.0, from.1, &record.value);
    put(s, to.0, to.1, record.value, expire);
}

/// RENAME and RENAMENX.
pub fn rename(cx: &mut Cx<'_>, only_if_free: bool) -> Res {
    let (from, to) = (cx.arg(1), cx.arg(2));
    if cx.s.write(cx.db, from).is_none() {
        return Err(err::NO_KEY.into());
    }
    if from == to {
        if only_if_free {
            cx.out.int(0);
        } else {
            cx.out.ok();
        }
        return Ok(());
    }
    let was = cx.s.kind(cx.db, to);
    if was.is_some() {
        if only_if_free {
            cx.out.int(0);
            return Ok(());
        }
        cx.s.delete(cx.db, to);
    }
    transfer(cx.s, (cx.db, from), (cx.db, to));
    cx.changed(notify::GENERIC, "rename_from", from, 1);
    cx.changed(notify::GENERIC, "rename_to", to, 0);
    if let Some(kind) = cx.s.kind(cx.db, to) {
        cx.s.say_overwritten(cx.db, to, was, kind);
    }
    if only_if_free {
        cx.out.int(1);
    } else {
        cx.out.ok();
    }
    Ok(())
}

/// EXPIRE and its relatives.
pub fn expire(cx: &mut Cx<'_>, base: i64, unit: i64) -> Res {
    let key = cx.arg(1);
    let (mut nx, mut xx, mut gt, mut lt) = (false, false, false, false);
    for at in 3..cx.argc() {
        match cx.arg(at).to_ascii_uppercase().as_slice() {
            b"NX" => nx = true,
            b"XX" => xx = true,
            b"GT" => gt = true,
            b"LT" => lt = true,
            _ => {
                let mut text = b"ERR Unsupported option ".to_vec();
                text.extend_from_slice(crate::server::errors::until_nul(cx.arg(at)));
                return Err(Fail::Bytes(text));
            }
        }
    }
    if nx && (xx || gt || lt) {
        return Err("ERR NX and XX, GT or LT options at the same time are not compatible".into());
    }
    if gt && lt {
        return Err("ERR GT and LT options at the same time are not compatible".into());
    }
    let name = cx.cmd.name;
    let invalid = || Fail::from(format!("ERR invalid expire time in '{name}' command"));
    let when = cx.int(2)?.checked_mul(unit).and_then(|ms| ms.checked_add(base)).ok_or_else(invalid)?;
    if cx.s.write(cx.db, key).is_none() {
        cx.out.int(0);
        return Ok(());
    }
    let now = cx.s.expire_of(cx.db, key);
    let refused = match now {
        None => xx || gt,
        Some(now) => nx || (gt && when <= now) || (lt && when >= now),
    };
    if refused {
        cx.out.int(0);
        return Ok(());
    }
    if when <= cx.s.now_ms && !cx.s.loading && !cx.s.takes_what_is_over() {
        cx.s.delete(cx.db, key);
        cx.changed(notify::GENERIC, "del", key, 1);
        cx.propagate_as(&[b"DEL", key]);
    } else {
        cx.s.dbs[cx.db].set_expire(key, when);
        cx.changed(notify::GENERIC, "expire", key, 1);
        let text = when.to_string();
        let mut words = cx.argv.to_vec();
        words[0] = b"PEXPIREAT";
        words[2] = text.as_bytes();
        cx.propagate_as(&words);
    }
    cx.out.int(1);
    Ok(())
}

/// TTL and its relatives.
pub fn reply_ttl(cx: &mut Cx<'_>, show: fn(i64, i64) -> i64) -> Res {
    let key = cx.arg(1);
    let answer = if cx.s.look(cx.db, key).is_none() {
        -2
    } else {
        cx.s.expire_of(cx.db, key).map_or(-1, |when| show(when, cx.s.now_ms))
    };
    cx.out.int(answer);
    Ok(())
}
