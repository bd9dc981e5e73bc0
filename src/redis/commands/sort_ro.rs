//! SORT_RO key [BY pattern] [LIMIT offset count] [GET pattern [...]] [ASC | DESC] [ALPHA]

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "sort_ro",
    arity: -2,
    flags: flag::READONLY | flag::MOVABLEKEYS,
    acl: acl::READ | acl::SET | acl::SORTEDSET | acl::LIST | acl::SLOW | acl::DANGEROUS,
    first: (1, 1, 1),
    keys: &[
        KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RO | key::ACCESS, notes: "" },
        KeySpec {
            begin: Begin::Unknown,
            find: Find::Unknown,
            flags: key::RO | key::ACCESS,
            notes: "For the optional BY/GET keyword. It is marked 'unknown' because the key names derive from the content of the key we sort",
        },
    ],
    tips: &[],
    docs: Docs {
        summary: "Returns the sorted elements of a list, a set, or a sorted set.",
        since: "7.0.0",
        group: "generic",
        complexity: "O(N+M*log(M)) where N is the number of elements in the list or set to sort, and M the number of returned elements. When the elements are not sorted, complexity is O(N).",
        args: "key:k@0 by-pattern:p@1=BY?!pattern limit:b=LIMIT?(offset:i count:i) get-pattern:p@1=GET?*+!pattern order:o?(asc:t=ASC desc:t=DESC) sorting:t=ALPHA?",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    super::sort::generic(cx, false)
}
