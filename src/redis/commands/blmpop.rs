//! BLMPOP timeout numkeys key [...] <LEFT | RIGHT> [COUNT count]

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "blmpop",
    arity: -5,
    flags: flag::WRITE | flag::BLOCKING | flag::MOVABLEKEYS,
    acl: acl::WRITE | acl::LIST | acl::SLOW | acl::BLOCKING,
    first: (0, 0, 0),
    keys: &[KeySpec {
        begin: Begin::Index(2),
        find: Find::KeyNum(0, 1, 1),
        flags: key::RW | key::ACCESS | key::DELETE,
        notes: "",
    }],
    tips: &[],
    docs: Docs {
        summary: "Pops the first element from one of multiple lists. Blocks until an element is available otherwise. Deletes the list if the last element was popped.",
        since: "7.0.0",
        group: "list",
        complexity: "O(N+M) where N is the number of provided keys and M is the number of elements returned.",
        args: "timeout:d numkeys:i key:k@0* where:o(left:t=LEFT right:t=RIGHT) count:i=COUNT?",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    super::list::pop_many(cx, 2, Some(1))
}
