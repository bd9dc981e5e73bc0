//! HPEXPIREAT key unix-time-milliseconds [NX | XX | GT | LT] FIELDS numfields field [...]

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "hpexpireat",
    arity: -6,
    flags: flag::WRITE | flag::FAST,
    acl: acl::WRITE | acl::HASH | acl::FAST,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RW | key::UPDATE, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Set expiry for hash field using an absolute Unix timestamp (milliseconds)",
        since: "7.4.0",
        group: "hash",
        complexity: "O(N) where N is the number of specified fields",
        args: "key:k@0 unix-time-milliseconds:u condition:o?(nx:t=NX xx:t=XX gt:t=GT lt:t=LT) fields:b=FIELDS(numfields:i field:s*)",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    super::hash_expiry::expire(cx, 0, 1)
}
