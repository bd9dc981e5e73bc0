//! GETEX key [EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds | PERSIST]

use super::prelude::*;
use crate::commands::string::{For, Options};
use crate::keyspace::db::FOREVER;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "getex",
    arity: -2,
    flags: flag::WRITE | flag::FAST,
    acl: acl::WRITE | acl::STRING | acl::FAST,
    first: (1, 1, 1),
    keys: &[KeySpec {
        begin: Begin::Index(1),
        find: Find::Range(0, 1, 0),
        flags: key::RW | key::ACCESS | key::UPDATE,
        notes: "RW and UPDATE because it changes the TTL",
    }],
    tips: &[],
    docs: Docs {
        summary: "Returns the string value of a key after setting its expiration time.",
        since: "6.2.0",
        group: "string",
        complexity: "O(1)",
        args: "key:k@0 expiration:o?(seconds:i=EX milliseconds:i=PX unix-time-seconds:u=EXAT unix-time-milliseconds:u=PXAT persist:t=PERSIST)",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let options = Options::read(cx, 2, For::Getex)?;
    let key = cx.arg(1);
    match cx.s.read(cx.db, key) {
        None => {
            cx.out.null();
            return Ok(());
        }
        Some(value) if value.bytes().is_none() => return Err(err::WRONG_TYPE.into()),
        Some(_) => {}
    }
    let when = options.when(cx)?;
    if let Some(value) = cx.s.peek(cx.db, key).and_then(|v| v.bytes()) {
        cx.out.bulk(&value);
    }
    if let Some(when) = when {
        if when <= cx.s.now_ms && !cx.s.takes_what_is_over() {
            cx.s.delete(cx.db, key);
            cx.changed(notify::GENERIC, "del", key, 1);
            cx.propagate_as(&[b"DEL", key]);
            return Ok(());
        }
        cx.s.dbs[cx.db].set_expire(key, when);
        let when = when.to_string();
        cx.propagate_as(&[b"PEXPIREAT", key, when.as_bytes()]);
        cx.changed(notify::GENERIC, "expire", key, 1);
    } else if options.persist && cx.s.expire_of(cx.db, key).is_some() {
        cx.s.dbs[cx.db].set_expire(key, FOREVER);
        cx.propagate_as(&[b"PERSIST", key]);
        cx.changed(notify::GENERIC, "persist", key, 1);
    }
    Ok(())
}
