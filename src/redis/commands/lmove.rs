//! LMOVE source destination <LEFT | RIGHT> <LEFT | RIGHT>

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "lmove",
    arity: 5,
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
        summary: "Returns an element after popping it from one list and pushing it to another. Deletes the list if the last element was moved.",
        since: "6.2.0",
        group: "list",
        complexity: "O(1)",
        args: "source:k@0 destination:k@1 wherefrom:o(left:t=LEFT right:t=RIGHT) whereto:o(left:t=LEFT right:t=RIGHT)",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let (from, to) = (super::list::end(cx.arg(3))?, super::list::end(cx.arg(4))?);
    if !super::list::shift(cx, from, to)? {
        cx.out.null();
    }
    Ok(())
}
