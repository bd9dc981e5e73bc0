//! HGETDEL key FIELDS numfields field [...]

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "hgetdel",
    arity: -5,
    flags: flag::WRITE | flag::FAST,
    acl: acl::WRITE | acl::HASH | acl::FAST,
    first: (1, 1, 1),
    keys: &[KeySpec {
        begin: Begin::Index(1),
        find: Find::Range(0, 1, 0),
        flags: key::RW | key::ACCESS | key::DELETE,
        notes: "",
    }],
    tips: &[],
    docs: Docs {
        summary: "Returns the value of a field and deletes it from the hash.",
        since: "8.0.0",
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
    super::hash_expiry::get_and_delete(cx)
}
