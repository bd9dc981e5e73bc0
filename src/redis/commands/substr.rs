//! SUBSTR key start end

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "substr",
    arity: 4,
    flags: flag::READONLY,
    acl: acl::READ | acl::STRING | acl::SLOW,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RO | key::ACCESS, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Returns a substring from a string value.",
        since: "1.0.0",
        group: "string",
        complexity: "O(N) where N is the length of the returned string. The complexity is ultimately determined by the returned length, but because creating a substring from an existing string is very cheap, it can be considered O(1) for small strings.",
        args: "key:k@0 start:i end:i",
        history: &[],
        deprecated: Some(("2.0.0", "`GETRANGE`")),
        flags: &["deprecated"],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    super::getrange::run(cx)
}
