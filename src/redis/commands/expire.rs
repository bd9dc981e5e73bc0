//! EXPIRE key seconds [NX | XX | GT | LT]

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "expire",
    arity: -3,
    flags: flag::WRITE | flag::FAST,
    acl: acl::KEYSPACE | acl::WRITE | acl::FAST,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RW | key::UPDATE, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Sets the expiration time of a key in seconds.",
        since: "1.0.0",
        group: "generic",
        complexity: "O(1)",
        args: "key:k@0 seconds:i condition:o?^7.0.0(nx:t=NX xx:t=XX gt:t=GT lt:t=LT)",
        history: &[("7.0.0", "Added options: `NX`, `XX`, `GT` and `LT`.")],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let base = cx.s.now_ms;
    super::generic::expire(cx, base, 1000)
}
