//! ZREVRANGE key start stop [WITHSCORES]

use super::prelude::*;
use crate::commands::zset_range::{By, Request};

/// The command's description.
pub static COMMAND: Command = Command {
    name: "zrevrange",
    arity: -4,
    flags: flag::READONLY,
    acl: acl::READ | acl::SORTEDSET | acl::SLOW,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RO | key::ACCESS, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Returns members in a sorted set within a range of indexes in reverse order.",
        since: "1.2.0",
        group: "sorted-set",
        complexity: "O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements returned.",
        args: "key:k@0 start:i stop:i withscores:t=WITHSCORES?",
        history: &[],
        deprecated: Some(("6.2.0", "`ZRANGE` with the `REV` argument")),
        flags: &["deprecated"],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    Request::read(cx, 1, Some(true), By::Rank)?.reply(cx)
}
