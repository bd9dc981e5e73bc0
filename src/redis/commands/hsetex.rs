//! HSETEX key [FNX | FXX] [EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds | KEEPTTL] FIELDS numfields field value [...]

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "hsetex",
    arity: -6,
    flags: flag::WRITE | flag::DENYOOM | flag::FAST,
    acl: acl::WRITE | acl::HASH | acl::FAST,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RW | key::UPDATE, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Set the value of one or more fields of a given hash key, and optionally set their expiration.",
        since: "8.0.0",
        group: "hash",
        complexity: "O(N) where N is the number of fields being set.",
        args: "key:k@0 condition:o?(fnx:t=FNX fxx:t=FXX) expiration:o?(seconds:i=EX milliseconds:i=PX unix-time-seconds:u=EXAT unix-time-milliseconds:u=PXAT keepttl:t=KEEPTTL) fields:b=FIELDS(numfields:i data:b*(field:s value:s))",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    super::hash_expiry::set_and_expire(cx)
}
