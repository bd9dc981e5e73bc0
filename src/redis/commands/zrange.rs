//! ZRANGE key start stop [BYSCORE | BYLEX] [REV] [LIMIT offset count] [WITHSCORES]

use super::prelude::*;
use crate::commands::zset_range::{By, Request};

/// The command's description.
pub static COMMAND: Command = Command {
    name: "zrange",
    arity: -4,
    flags: flag::READONLY,
    acl: acl::READ | acl::SORTEDSET | acl::SLOW,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RO | key::ACCESS, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Returns members in a sorted set within a range of indexes.",
        since: "1.2.0",
        group: "sorted-set",
        complexity: "O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements returned.",
        args: "key:k@0 start:s stop:s sortby:o?^6.2.0(byscore:t=BYSCORE bylex:t=BYLEX) rev:t=REV?^6.2.0 limit:b=LIMIT?^6.2.0(offset:i count:i) withscores:t=WITHSCORES?",
        history: &[("6.2.0", "Added the `REV`, `BYSCORE`, `BYLEX` and `LIMIT` options.")],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    Request::read(cx, 1, None, By::Auto)?.reply(cx)
}
