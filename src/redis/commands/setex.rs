//! SETEX key seconds value

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "setex",
    arity: 4,
    flags: flag::WRITE | flag::DENYOOM,
    acl: acl::WRITE | acl::STRING | acl::SLOW,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::OW | key::UPDATE, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Sets the string value and expiration time of a key. Creates the key if it doesn't exist.",
        since: "2.0.0",
        group: "string",
        complexity: "O(1)",
        args: "key:k@0 seconds:i value:s",
        history: &[],
        deprecated: Some(("2.6.12", "`SET` with the `EX` argument")),
        flags: &["deprecated"],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    super::string::store_expiring(cx, b"EX")
}
