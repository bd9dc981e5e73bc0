//! MSETEX numkeys key value [...] [NX | XX] [EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds | KEEPTTL]

use super::prelude::*;
use crate::commands::string::{self, Expiry};

/// The command's description.
pub static COMMAND: Command = Command {
    name: "msetex",
    arity: -4,
    flags: flag::WRITE | flag::DENYOOM | flag::MOVABLEKEYS,
    acl: acl::WRITE | acl::STRING | acl::SLOW,
    first: (0, 0, 0),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::KeyNum(0, 1, 2), flags: key::OW | key::UPDATE, notes: "" }],
    tips: &["request_policy:multi_shard", "response_policy:all_succeeded"],
    docs: Docs {
        summary: "Atomically sets multiple string keys with a shared expiration in a single operation. Supports flexible argument parsing where condition and expiration flags can appear in any order.",
        since: "8.4.0",
        group: "string",
        complexity: "O(N) where N is the number of keys to set.",
        args: "numkeys:i data:b*(key:k@0 value:s) condition:o?(nx:t=NX xx:t=XX) expiration:o?(seconds:i=EX milliseconds:i=PX unix-time-seconds:u=EXAT unix-time-milliseconds:u=PXAT keepttl:t=KEEPTTL)",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let count = cx.int_or(1, "ERR invalid numkeys value")?;
    if count <= 0 || count > i64::from(i32::MAX) {
        return Err("ERR invalid numkeys value".into());
    }
    let first_option = 2 + 2 * count as usize;
    if first_option > cx.argc() {
        return Err("ERR wrong number of key-value pairs".into());
    }
    let (mut missing, mut present, mut keep, mut expiry) = (false, false, false, None);
    let mut at = first_option;
    while at < cx.argc() {
        let word = cx.arg(at).to_ascii_uppercase();
        match word.as_slice() {
            b"NX" if !present => missing = true,
            b"XX" if !missing => present = true,
            b"KEEPTTL" if expiry.is_none() => keep = true,
            b"EX" | b"PX" | b"EXAT" | b"PXAT" if expiry.is_none() && !keep && at + 1 < cx.argc() => {
                at += 1;
                expiry = Some(Expiry::read(cx, &word, at)?);
            }
            _ => return Err(err::SYNTAX.into()),
        }
        at += 1;
    }
    let pairs = &cx.argv[2..first_option];
    for pair in pairs.chunks(2) {
        let there = cx.s.exists(cx.db, pair[0]);
        if (missing && there) || (present && !there) {
            cx.out.int(0);
            return Ok(());
        }
    }
    for pair in pairs.chunks(2) {
        string::store(cx, pair[0], pair[1], expiry, keep);
    }
    if let Some(expiry) = expiry {
        let when = expiry.when.to_string();
        let mut words: Vec<&[u8]> = cx.argv[..first_option].to_vec();
        words.extend([b"PXAT".as_slice(), when.as_bytes()]);
        cx.propagate_as(&words);
    }
    cx.out.int(1);
    Ok(())
}
