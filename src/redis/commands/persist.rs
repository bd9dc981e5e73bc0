//! PERSIST key

use super::prelude::*;
use crate::keyspace::db::FOREVER;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "persist",
    arity: 2,
    flags: flag::WRITE | flag::FAST,
    acl: acl::KEYSPACE | acl::WRITE | acl::FAST,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RW | key::UPDATE, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Removes the expiration time of a key.",
        since: "2.2.0",
        group: "generic",
        complexity: "O(1)",
        args: "key:k@0",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let key = cx.arg(1);
    let volatile = cx.s.write(cx.db, key).is_some() && cx.s.expire_of(cx.db, key).is_some();
    if volatile {
        cx.s.dbs[cx.db].set_expire(key, FOREVER);
        cx.changed(notify::GENERIC, "persist", key, 1);
    }
    cx.out.int(i64::from(volatile));
    Ok(())
}
