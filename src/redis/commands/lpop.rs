//! LPOP key [count]

use super::prelude::*;
use crate::data::list::End;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "lpop",
    arity: -2,
    flags: flag::WRITE | flag::FAST,
    acl: acl::WRITE | acl::LIST | acl::FAST,
    first: (1, 1, 1),
    keys: &[KeySpec {
        begin: Begin::Index(1),
        find: Find::Range(0, 1, 0),
        flags: key::RW | key::ACCESS | key::DELETE,
        notes: "",
    }],
    tips: &[],
    docs: Docs {
        summary: "Returns the first elements in a list after removing it. Deletes the list if the last element was popped.",
        since: "1.0.0",
        group: "list",
        complexity: "O(N) where N is the number of elements returned",
        args: "key:k@0 count:i?^6.2.0",
        history: &[("6.2.0", "Added the `count` argument.")],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    super::list::pop(cx, End::Left)
}
