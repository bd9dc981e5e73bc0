//! RENAME key newkey

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "rename",
    arity: 3,
    flags: flag::WRITE,
    acl: acl::KEYSPACE | acl::WRITE | acl::SLOW,
    first: (1, 2, 1),
    keys: &[
        KeySpec {
            begin: Begin::Index(1),
            find: Find::Range(0, 1, 0),
            flags: key::RW | key::ACCESS | key::DELETE,
            notes: "",
        },
        KeySpec { begin: Begin::Index(2), find: Find::Range(0, 1, 0), flags: key::OW | key::UPDATE, notes: "" },
    ],
    tips: &[],
    docs: Docs {
        summary: "Renames a key and overwrites the destination.",
        since: "1.0.0",
        group: "generic",
        complexity: "O(1)",
        args: "key:k@0 newkey:k@1",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    super::generic::rename(cx, false)
}
