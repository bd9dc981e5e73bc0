//! DECR key

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "decr",
    arity: 2,
    flags: flag::WRITE | flag::DENYOOM | flag::FAST,
    acl: acl::WRITE | acl::STRING | acl::FAST,
    first: (1, 1, 1),
    keys: &[KeySpec {
        begin: Begin::Index(1),
        find: Find::Range(0, 1, 0),
        flags: key::RW | key::ACCESS | key::UPDATE,
        notes: "",
    }],
    tips: &[],
    docs: Docs {
        summary: "Decrements the integer value of a key by one. Uses 0 as initial value if the key doesn't exist.",
        since: "1.0.0",
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
    super::string::add(cx, -1)
}
