//! BRPOPLPUSH source destination timeout

use super::prelude::*;
use crate::data::list::End;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "brpoplpush",
    arity: 4,
    flags: flag::WRITE | flag::DENYOOM | flag::BLOCKING,
    acl: acl::WRITE | acl::LIST | acl::SLOW | acl::BLOCKING,
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
        summary: "Pops an element from a list, pushes it to another list and returns it. Block until an element is available otherwise. Deletes the list if the last element was popped.",
        since: "2.2.0",
        group: "list",
        complexity: "O(1)",
        args: "source:k@0 destination:k@1 timeout:d",
        history: &[("6.0.0", "`timeout` is interpreted as a double instead of an integer.")],
        deprecated: Some(("6.2.0", "`BLMOVE` with the `RIGHT` and `LEFT` arguments")),
        flags: &["deprecated"],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let until = cx.timeout(3)?;
    super::list::shift_or_wait(cx, End::Right, End::Left, until)
}
