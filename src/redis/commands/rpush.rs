//! RPUSH key element [...]

use super::prelude::*;
use crate::data::list::End;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "rpush",
    arity: -3,
    flags: flag::WRITE | flag::DENYOOM | flag::FAST,
    acl: acl::WRITE | acl::LIST | acl::FAST,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RW | key::INSERT, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Appends one or more elements to a list. Creates the key if it doesn't exist.",
        since: "1.0.0",
        group: "list",
        complexity: "O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.",
        args: "key:k@0 element:s*",
        history: &[("2.4.0", "Accepts multiple `element` arguments.")],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    super::list::push(cx, End::Right, false)
}
