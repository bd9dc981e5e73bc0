//! HMSET key field value [...]

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "hmset",
    arity: -4,
    flags: flag::WRITE | flag::DENYOOM | flag::FAST,
    acl: acl::WRITE | acl::HASH | acl::FAST,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RW | key::UPDATE, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Sets the values of multiple fields.",
        since: "2.0.0",
        group: "hash",
        complexity: "O(N) where N is the number of fields being set.",
        args: "key:k@0 data:b*(field:s value:s)",
        history: &[],
        deprecated: Some(("4.0.0", "`HSET` with multiple field-value pairs")),
        flags: &["deprecated"],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    super::hset::run(cx)
}
