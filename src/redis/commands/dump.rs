//! DUMP key

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "dump",
    arity: 2,
    flags: flag::READONLY,
    acl: acl::KEYSPACE | acl::READ | acl::SLOW,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RO | key::ACCESS, notes: "" }],
    tips: &["nondeterministic_output"],
    docs: Docs {
        summary: "Returns a serialized representation of the value stored at a key.",
        since: "2.6.0",
        group: "generic",
        complexity: "O(1) to access the key and additional O(N*M) to serialize it, where N is the number of Redis objects composing the value and M their average size. For small string values the time complexity is thus O(1)+O(1*M) where M is small, so simply O(1).",
        args: "key:k@0",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    match cx.s.read(cx.db, cx.arg(1)) {
        None => cx.out.null(),
        Some(value) => {
            let payload = crate::persistence::rdb_write::dump(value);
            cx.out.bulk(&payload);
        }
    }
    Ok(())
}
