//! WATCH key [...]

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "watch",
    arity: -2,
    flags: flag::NOSCRIPT | flag::LOADING | flag::STALE | flag::FAST | flag::ALLOW_BUSY,
    acl: acl::FAST | acl::TRANSACTION,
    first: (1, -1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(-1, 1, 0), flags: key::RO, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Monitors changes to keys to determine the execution of a transaction.",
        since: "2.2.0",
        group: "transactions",
        complexity: "O(1) for every key.",
        args: "key:k@0*",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    if cx.me().multi.is_some() {
        return Err("ERR WATCH inside MULTI is not allowed".into());
    }
    if !cx.me().dirty_cas {
        for key in &cx.argv[1..] {
            cx.s.watch(cx.client, cx.db, key);
        }
    }
    cx.out.ok();
    Ok(())
}
