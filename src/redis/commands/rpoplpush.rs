//! RPOPLPUSH source destination

use super::prelude::*;
use crate::data::list::End;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "rpoplpush",
    arity: 3,
    flags: flag::WRITE | flag::DENYOOM,
    acl: acl::WRITE | acl::LIST | acl::SLOW,
    first: (1, 2, 1),
    keys: &[
        KeySpec {
            begin: Begin::Index(1),
            find: Find::Range(0, 1, 0),
            flags: key::RW | key::ACCESS | key::DELETE,
            notes: "",
        },
        KeySpec { begin: Begin::Index(2), find: Find::Range(0, 1, 0), flags: key::RW | key::INSERT, notes: "" },
    ],
    tips: &[],
    docs: Docs {
        summary: "Returns the last element of a list after removing and pushing it to another list. Deletes the list if the last element was popped.",
        since: "1.2.0",
        group: "list",
        complexity: "O(1)",
        args: "source:k@0 destination:k@1",
        history: &[],
        deprecated: Some(("6.2.0", "`LMOVE` with the `RIGHT` and `LEFT` arguments")),
        flags: &["deprecated"],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    if !super::list::shift(cx, End::Right, End::Left)? {
        cx.out.null();
    }
    Ok(())
}
