//! COPY source destination [DB destination-db] [REPLACE]

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "copy",
    arity: -3,
    flags: flag::WRITE | flag::DENYOOM,
    acl: acl::KEYSPACE | acl::WRITE | acl::SLOW,
    first: (1, 2, 1),
    keys: &[
        KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RO | key::ACCESS, notes: "" },
        KeySpec { begin: Begin::Index(2), find: Find::Range(0, 1, 0), flags: key::OW | key::UPDATE, notes: "" },
    ],
    tips: &[],
    docs: Docs {
        summary: "Copies the value of a key to a new key.",
        since: "6.2.0",
        group: "generic",
        complexity: "O(N) worst case for collections, where N is the number of nested items. O(1) for string values.",
        args: "source:k@0 destination:k@1 destination-db:i=DB? replace:t=REPLACE?",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let (mut target, mut replace, mut at) = (cx.db, false, 3);
    while at < cx.argc() {
        if cx.is(at, "REPLACE") {
            replace = true;
        } else if cx.is(at, "DB") && at + 1 < cx.argc() {
            at += 1;
            let n = super::generic::int_32(cx, at)?;
            target = usize::try_from(n)
                .ok()
                .filter(|n| *n < cx.s.dbs.len())
                .ok_or(Fail::from("ERR DB index is out of range"))?;
        } else {
            return Err(err::SYNTAX.into());
        }
        at += 1;
    }
    if cx.s.hot.cluster && target != cx.db {
        return Err("ERR Copying to another database is not allowed in cluster mode".into());
    }
    let (from, to) = (cx.arg(1), cx.arg(2));
    if target == cx.db && from == to {
        return Err("ERR source and destination objects are the same".into());
    }
    if cx.db != 0 || target != 0 {
        cx.s.count_incompatible();
    }
    if cx.s.read(cx.db, from).is_none() {
        cx.out.int(0);
        return Ok(());
    }
    let was = cx.s.kind(target, to);
    if was.is_some() && !replace {
        cx.out.int(0);
        return Ok(());
    }
    if cx.s.kind(cx.db, from) == Some(Kind::Vectors) {
        return Err("ERR not supported for this module key".into());
    }
    if was.is_some() {
        cx.s.delete(target, to);
    }
    let Some(value) = cx.s.peek(cx.db, from).cloned() else { return Ok(()) };
    let kind = value.kind();
    let expire = cx.s.expire_of(cx.db, from);
    super::generic::put(cx.s, target, to, value, expire);
    cx.s.key_modified(target, to, cx.client);
    cx.s.notify(notify::GENERIC, "copy_to", to, target);
    cx.s.say_overwritten(target, to, was, kind);
    cx.s.dirty += 1;
    cx.out.int(1);
    Ok(())
}
