//! ZRANGESTORE dst src min max [BYSCORE | BYLEX] [REV] [LIMIT offset count]

use super::prelude::*;
use crate::commands::zset_range::{By, Request};

/// The command's description.
pub static COMMAND: Command = Command {
    name: "zrangestore",
    arity: -5,
    flags: flag::WRITE | flag::DENYOOM,
    acl: acl::WRITE | acl::SORTEDSET | acl::SLOW,
    first: (1, 2, 1),
    keys: &[
        KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::OW | key::UPDATE, notes: "" },
        KeySpec { begin: Begin::Index(2), find: Find::Range(0, 1, 0), flags: key::RO | key::ACCESS, notes: "" },
    ],
    tips: &[],
    docs: Docs {
        summary: "Stores a range of members from sorted set in a key.",
        since: "6.2.0",
        group: "sorted-set",
        complexity: "O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements stored into the destination key.",
        args: "dst:k@0 src:k@1 min:s max:s sortby:o?(byscore:t=BYSCORE bylex:t=BYLEX) rev:t=REV? limit:b=LIMIT?(offset:i count:i)",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    Request::read(cx, 2, None, By::Auto)?.store(cx)
}
