//! BZMPOP timeout numkeys key [...] <MIN | MAX> [COUNT count]

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "bzmpop",
    arity: -5,
    flags: flag::WRITE | flag::BLOCKING | flag::MOVABLEKEYS,
    acl: acl::WRITE | acl::SORTEDSET | acl::SLOW | acl::BLOCKING,
    first: (0, 0, 0),
    keys: &[KeySpec {
        begin: Begin::Index(2),
        find: Find::KeyNum(0, 1, 1),
        flags: key::RW | key::ACCESS | key::DELETE,
        notes: "",
    }],
    tips: &[],
    docs: Docs {
        summary: "Removes and returns a member by score from one or more sorted sets. Blocks until a member is available otherwise. Deletes the sorted set if the last element was popped.",
        since: "7.0.0",
        group: "sorted-set",
        complexity: "O(K) + O(M*log(N)) where K is the number of provided keys, N being the number of elements in the sorted set, and M being the number of elements popped.",
        args: "timeout:d numkeys:i key:k@0* where:o(min:t=MIN max:t=MAX) count:i=COUNT?",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    super::zset_pop::pop_many(cx, 2, Some(1))
}
