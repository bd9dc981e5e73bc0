//! BRPOP key [...] timeout

use super::prelude::*;
use crate::data::list::End;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "brpop",
    arity: -3,
    flags: flag::WRITE | flag::BLOCKING,
    acl: acl::WRITE | acl::LIST | acl::SLOW | acl::BLOCKING,
    first: (1, -2, 1),
    keys: &[KeySpec {
        begin: Begin::Index(1),
        find: Find::Range(-2, 1, 0),
        flags: key::RW | key::ACCESS | key::DELETE,
        notes: "",
    }],
    tips: &[],
    docs: Docs {
        summary: "Removes and returns the last element in a list. Blocks until an element is available otherwise. Deletes the list if the last element was popped.",
        since: "2.0.0",
        group: "list",
        complexity: "O(N) where N is the number of provided keys.",
        args: "key:k@0* timeout:d",
        history: &[("6.0.0", "`timeout` is interpreted as a double instead of an integer.")],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    super::list::pop_or_wait(cx, End::Right)
}
