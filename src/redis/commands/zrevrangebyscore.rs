//! ZREVRANGEBYSCORE key max min [WITHSCORES] [LIMIT offset count]

use super::prelude::*;
use crate::commands::zset_range::{By, Request};

/// The command's description.
pub static COMMAND: Command = Command {
    name: "zrevrangebyscore",
    arity: -4,
    flags: flag::READONLY,
    acl: acl::READ | acl::SORTEDSET | acl::SLOW,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RO | key::ACCESS, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Returns members in a sorted set within a range of scores in reverse order.",
        since: "2.2.0",
        group: "sorted-set",
        complexity: "O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements being returned. If M is constant (e.g. always asking for the first 10 elements with LIMIT), you can consider it O(log(N)).",
        args: "key:k@0 max:d min:d withscores:t=WITHSCORES? limit:b=LIMIT?(offset:i count:i)",
        history: &[("2.1.6", "`min` and `max` can be exclusive.")],
        deprecated: Some(("6.2.0", "`ZRANGE` with the `REV` and `BYSCORE` arguments")),
        flags: &["deprecated"],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    Request::read(cx, 1, Some(true), By::Score)?.reply(cx)
}
