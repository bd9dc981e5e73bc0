//! RESTORE key ttl serialized-value [REPLACE] [ABSTTL] [IDLETIME seconds] [FREQ frequency]

use super::prelude::*;
use crate::persistence::rdb_read::restore;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "restore",
    arity: -4,
    flags: flag::WRITE | flag::DENYOOM,
    acl: acl::KEYSPACE | acl::WRITE | acl::SLOW | acl::DANGEROUS,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::OW | key::UPDATE, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Creates a key from the serialized representation of a value.",
        since: "2.6.0",
        group: "generic",
        complexity: "O(1) to create the new key and additional O(N*M) to reconstruct the serialized value, where N is the number of Redis objects composing the value and M their average size. For small string values the time complexity is thus O(1)+O(1*M) where M is small, so simply O(1). However for sorted set values the complexity is O(N*M*log(N)) because inserting values into sorted sets is O(log(N)).",
        args: "key:k@0 ttl:i serialized-value:s replace:t=REPLACE?^3.0.0 absttl:t=ABSTTL?^5.0.0 seconds:i=IDLETIME?^5.0.0 frequency:i=FREQ?^5.0.0",
        history: &[
            ("3.0.0", "Added the `REPLACE` modifier."),
            ("5.0.0", "Added the `ABSTTL` modifier."),
            ("5.0.0", "Added the `IDLETIME` and `FREQ` options."),
        ],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

/// What stands behind the payload.
#[derive(Default)]
struct Options {
    replace: bool,
    absolute: bool,
    idle: Option<i64>,
    freq: Option<i64>,
}

fn options(cx: &mut Cx<'_>) -> Result<Options, crate::server::cx::Fail> {
    let (mut o, mut at) = (Options::default(), 4);
    while at < cx.argc() {
        let more = at + 1 < cx.argc();
        match cx.arg(at).to_ascii_uppercase().as_slice() {
            b"REPLACE" => o.replace = true,
            b"ABSTTL" => o.absolute = true,
            b"IDLETIME" if more && o.freq.is_none() => {
                at += 1;
                let n = cx.int(at)?;
                if n < 0 {
                    return Err("ERR Invalid IDLETIME value, must be >= 0".into());
                }
                o.idle = Some(n);
            }
            b"FREQ" if more && o.idle.is_none() => {
                at += 1;
                let n = cx.int(at)?;
                if !(0..=255).contains(&n) {
                    return Err("ERR Invalid FREQ value, must be >= 0 and <= 255".into());
                }
                o.freq = Some(n);
            }
            _ => return Err(err::SYNTAX.into()),
        }
        at += 1;
    }
    Ok(o)
}

pub(super) fn run(cx: &mut Cx<'_>) -> Res {
    let Options { replace, absolute, idle, freq } = options(cx)?;
    let key = cx.arg(1);
    if !replace && cx.s.exists(cx.db, key) {
        return Err("BUSYKEY Target key name already exists.".into());
    }
    let ttl = cx.int(2)?;
    if ttl < 0 {
        return Err("ERR Invalid TTL value, must be >= 0".into());
    }
    let (hot, now) = (cx.s.hot, cx.s.now_ms);
    let value = match restore(cx.arg(3), &hot, cx.s.debug.skip_checksum) {
        None => return Err("ERR DUMP payload version or checksum are wrong".into()),
        Some(None) => return Err("ERR Bad data format".into()),
        Some(Some(value)) => value,
    };
    let was = cx.s.kind(cx.db, key).filter(|_| replace);
    let deleted = replace && cx.s.delete(cx.db, key);
    let when = match ttl {
        0 => None,
        n if absolute => Some(n),
        n => Some(n.saturating_add(now)),
    };
    if when.is_some_and(|w| w <= now) && !cx.s.takes_what_is_over() {
        if deleted {
            cx.changed(notify::GENERIC, "del", key, 1);
            let lazy = cx.s.config.bool(crate::config::LAZYFREE_LAZY_SERVER_DEL);
            cx.propagate_as(&[if lazy { b"UNLINK" } else { b"DEL" }, key]);
        }
        cx.s.count.expired_keys += 1;
        cx.out.ok();
        return Ok(());
    }
    let kind = value.kind();
    super::generic::put(cx.s, cx.db, key, value, when);
    if let Some(record) = cx.s.dbs[cx.db].get_mut(key) {
        if let Some(seconds) = idle {
            record.lru = ((now / 1000) as u32).wrapping_sub(seconds as u32);
        }
        if let Some(freq) = freq {
            record.lru = ((now / 60_000) as u32 & 0xffff) << 8 | freq as u32;
        }
    }
    cx.changed(notify::GENERIC, "restore", key, 1);
    cx.s.say_overwritten(cx.db, key, was, kind);
    if let Some(when) = when
        && !absolute
    {
        let when = when.to_string();
        let mut words: Vec<&[u8]> = cx.argv.to_vec();
        words[2] = when.as_bytes();
        words.push(b"ABSTTL");
        cx.propagate_as(&words);
    }
    cx.out.ok();
    Ok(())
}
