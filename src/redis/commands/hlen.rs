//! HLEN key

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "hlen",
    arity: 2,
    flags: flag::READONLY | flag::FAST,
    acl: acl::READ | acl::HASH | acl::FAST,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RO, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Returns the number of fields in a hash.",
        since: "2.0.0",
        group: "hash",
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
    let len = cx.s.hash(cx.db, key)?.map_or(0, |h| h.len());
    cx.out.len(len);
    Ok(())
}
