//! ZREVRANGEBYLEX key max min [LIMIT offset count]

use super::prelude::*;
use crate::commands::zset_range::{By, Request};

/// The command's description.
pub static COMMAND: Command = Command {
    name: "zrevrangebylex",
    arity: -4,
    flags: flag::READONLY,
    acl: acl::READ | acl::SORTEDSET | acl::SLOW,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RO | key::ACCESS, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Returns members in a sorted set within a lexicographical range in reverse order.",
        since: "2.8.9",
        group: "sorted-set",
        complexity: "O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements being returned. If M is constant (e.g. always asking for the first 10 elements with LIMIT), you can consider it O(log(N)).",
        args: "key:k@0 max:s min:s limit:b=LIMIT?(offset:i count:i)",
        history: &[],
        deprecated: Some(("6.2.0", "`ZRANGE` with the `REV` and `BYLEX` arguments")),
        flags: &["deprecated"],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    Request::read(cx, 1, Some(true), By::Lex)?.reply(cx)
}
