//! GET key

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "get",
    arity: 2,
    flags: flag::READONLY | flag::FAST,
    acl: acl::READ | acl::STRING | acl::FAST,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RO | key::ACCESS, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Returns the string value of a key.",
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
    super::string::reply_string(cx, cx.arg(1))
}
