//! GETDEL key

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "getdel",
    arity: 2,
    flags: flag::WRITE | flag::FAST,
    acl: acl::WRITE | acl::STRING | acl::FAST,
    first: (1, 1, 1),
    keys: &[KeySpec {
        begin: Begin::Index(1),
        find: Find::Range(0, 1, 0),
        flags: key::RW | key::ACCESS | key::DELETE,
        notes: "",
    }],
    tips: &[],
    docs: Docs {
        summary: "Returns the string value of a key after deleting the key.",
        since: "6.2.0",
        group: "string",
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
    super::string::reply_string(cx, key)?;
    if cx.s.delete(cx.db, key) {
        cx.changed(notify::GENERIC, "del", key, 1);
        cx.propagate_as(&[b"DEL", key]);
    }
    Ok(())
}
