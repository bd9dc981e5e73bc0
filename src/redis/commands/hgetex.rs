//! HGETEX key [EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds | PERSIST] FIELDS numfields field [...]

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "hgetex",
    arity: -5,
    flags: flag::WRITE | flag::FAST,
    acl: acl::WRITE | acl::HASH | acl::FAST,
    first: (1, 1, 1),
    keys: &[KeySpec {
        begin: Begin::Index(1),
        find: Find::Range(0, 1, 0),
        flags: key::RW | key::ACCESS | key::UPDATE,
        notes: "RW and UPDATE because it changes the TTL",
    }],
    tips: &[],
    docs: Docs {
        summary: "Get the value of one or more fields of a given hash key, and optionally set their expiration.",
        since: "8.0.0",
        group: "hash",
        complexity: "O(N) where N is the number of specified fields",
        args: "key:k@0 expiration:o?(seconds:i=EX milliseconds:i=PX unix-time-seconds:u=EXAT unix-time-milliseconds:u=PXAT persist:t=PERSIST) fields:b=FIELDS(numfields:i field:s*)",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    super::hash_expiry::get_and_expire(cx)
}
