//! MOVE key db

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "move",
    arity: 3,
    flags: flag::WRITE | flag::FAST,
    acl: acl::KEYSPACE | acl::WRITE | acl::FAST,
    first: (1, 1, 1),
    keys: &[KeySpec {
        begin: Begin::Index(1),
        find: Find::Range(0, 1, 0),
        flags: key::RW | key::ACCESS | key::UPDATE,
        notes: "",
    }],
    tips: &[],
    docs: Docs {
        summary: "Moves a key to another database.",
        since: "1.0.0",
        group: "generic",
        complexity: "O(1)",
        args: "key:k@0 db:i",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    if cx.s.hot.cluster {
        return Err("ERR MOVE is not allowed in cluster mode".into());
    }
    let key = cx.arg(1);
    let target = super::generic::int_32(cx, 2)?;
    let Some(target) = usize::try_from(target).ok().filter(|n| *n < cx.s.dbs.len()) else {
        return Err("ERR DB index is out of range".into());
    };
    if target == cx.db {
        return Err("ERR source and destination objects are the same".into());
    }
    cx.s.count_incompatible();
    if !cx.s.exists(cx.db, key) || cx.s.exists(target, key) {
        cx.out.int(0);
        return Ok(());
    }
    super::generic::transfer(cx.s, (cx.db, key), (target, key));
    cx.changed(notify::GENERIC, "move_from", key, 1);
    cx.s.key_modified(target, key, cx.client);
    cx.s.notify(notify::GENERIC, "move_to", key, target);
    cx.out.int(1);
    Ok(())
}
