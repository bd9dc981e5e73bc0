//! HEXPIRETIME key FIELDS numfields field [...]

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "hexpiretime",
    arity: -5,
    flags: flag::READONLY | flag::FAST,
    acl: acl::READ | acl::HASH | acl::FAST,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RO | key::ACCESS, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Returns the expiration time of a hash field as a Unix timestamp, in seconds.",
        since: "7.4.0",
        group: "hash",
        complexity: "O(N) where N is the number of specified fields",
        args: "key:k@0 fields:b=FIELDS(numfields:i field:s*)",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    super::hash_expiry::reply_ttl(cx, |when, _| (when + 999) / 1000)
}
