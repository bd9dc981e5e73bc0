//! BLMOVE source destination <LEFT | RIGHT> <LEFT | RIGHT> timeout

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "blmove",
    arity: 6,
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
        summary: "Pops an element from a list, pushes it to another list and returns it. Blocks until an element is available otherwise. Deletes the list if the last element was moved.",
        since: "6.2.0",
        group: "list",
        complexity: "O(1)",
        args: "source:k@0 destination:k@1 wherefrom:o(left:t=LEFT right:t=RIGHT) whereto:o(left:t=LEFT right:t=RIGHT) timeout:d",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let (from, to) = (super::list::end(cx.arg(3))?, super::list::end(cx.arg(4))?);
    let until = cx.timeout(5)?;
    super::list::shift_or_wait(cx, from, to, until)
}
