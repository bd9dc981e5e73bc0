//! SMOVE source destination member

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "smove",
    arity: 4,
    flags: flag::WRITE | flag::FAST,
    acl: acl::WRITE | acl::SET | acl::FAST,
    first: (1, 2, 1),
    keys: &[
        KeySpec {
            begin: Begin::Index(1),
            find: Find::Range(0, 1, 0),
            flags: key::RW | key::ACCESS | key::DELETE,
            notes: "",
        },
        KeySpec { begin: Begin::Index(2), find: Find::Range(0, 1, 0), flags: key::RW | key::INSERT, notes: "" },
    ],
    tips: &[],
    docs: Docs {
        summary: "Moves a member from one set to another.",
        since: "1.0.0",
        group: "set",
        complexity: "O(1)",
        args: "source:k@0 destination:k@1 member:s",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let (from, to, member) = (cx.arg(1), cx.arg(2), cx.arg(3));
    let limits = cx.s.hot.set;
    if cx.s.set_mut(cx.db, from)?.is_none() {
        cx.out.int(0);
        return Ok(());
    }
    cx.s.set_mut(cx.db, to)?;
    if from == to {
        let there = cx.s.set(cx.db, from)?.is_some_and(|s| s.contains(member));
        cx.out.int(i64::from(there));
        return Ok(());
    }
    if !cx.s.set_mut(cx.db, from)?.is_some_and(|s| s.remove(member)) {
        cx.out.int(0);
        return Ok(());
    }
    cx.changed(notify::SET, "srem", from, 1);
    cx.s.delete_if_empty(cx.db, from);
    if cx.s.make_set(cx.db, to)?.insert(member, limits) {
        cx.changed(notify::SET, "sadd", to, 1);
    }
    cx.out.int(1);
    Ok(())
}
