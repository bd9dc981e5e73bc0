//! SETNX key value

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "setnx",
    arity: 3,
    flags: flag::WRITE | flag::DENYOOM | flag::FAST,
    acl: acl::WRITE | acl::STRING | acl::FAST,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::OW | key::INSERT, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Set the string value of a key only when the key doesn't exist.",
        since: "1.0.0",
        group: "string",
        complexity: "O(1)",
        args: "key:k@0 value:s",
        history: &[],
        deprecated: Some(("2.6.12", "`SET` with the `NX` argument")),
        flags: &["deprecated"],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let (key, value) = (cx.arg(1), cx.arg(2));
    let free = !cx.s.exists(cx.db, key);
    if free {
        super::string::store(cx, key, value, None, false);
    }
    cx.out.int(i64::from(free));
    Ok(())
}
