//! RENAMENX key newkey

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "renamenx",
    arity: 3,
    flags: flag::WRITE | flag::FAST,
    acl: acl::KEYSPACE | acl::WRITE | acl::FAST,
    first: (1, 2, 1),
    keys: &[
        KeySpec {
            begin: Begin::Index(1),
            find: Find::Range(0, 1, 0),
            flags: key::RW | key::ACCESS | key::DELETE,
            notes: "",
        },
        KeySpec { begin: Begin::Index(2), find: Find::Range(0, 1, 0), flags: key::OW | key::INSERT, notes: "" },
    ],
    tips: &[],
    docs: Docs {
        summary: "Renames a key only when the target key name doesn't exist.",
        since: "1.0.0",
        group: "generic",
        complexity: "O(1)",
        args: "key:k@0 newkey:k@1",
        history: &[("3.2.0", "The command no longer returns an error when source and destination names are the same.")],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    super::generic::rename(cx, true)
}
