//! MSETEX numkeys key value [...] [NX | XX] [EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds | KEEPTTL]

use super::prelude::*;
use crate::commands::string::{For, Options};

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
    let options = Options::read(cx, first_option, For::Msetex)?;
    let when = options.when(cx)?;
    let pairs = &cx.argv[2..first_option];
    for pair in pairs.chunks(2) {
        let there = cx.s.exists(cx.db, pair[0]);
        if (options.missing && there) || (options.present && !there) {
            cx.out.int(0);
            return Ok(());
        }
    }
    for pair in pairs.chunks(2) {
        cx.s.set_key(cx.db, pair[0], Value::string(pair[1]), options.keep);
        if let Some(when) = when {
            cx.s.dbs[cx.db].set_expire(pair[0], when);
            cx.s.notify(notify::GENERIC, "expire", pair[0], cx.db);
        }
        cx.changed(notify::STRING, "set", pair[0], 1);
    }
    if let (Some(when), Some((word, at))) = (when, &options.expiry)
        && !word.ends_with(b"AT")
    {
        let when = when.to_string();
        let mut words: Vec<&[u8]> = cx.argv.to_vec();
        words[at - 1] = b"PXAT";
        words[*at] = when.as_bytes();
        cx.propagate_as(&words);
    }
    cx.out.int(1);
    Ok(())
}
