//! MGET key [...]

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "mget",
    arity: -2,
    flags: flag::READONLY | flag::FAST,
    acl: acl::READ | acl::STRING | acl::FAST,
    first: (1, -1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(-1, 1, 0), flags: key::RO | key::ACCESS, notes: "" }],
    tips: &["request_policy:multi_shard"],
    docs: Docs {
        summary: "Atomically returns the string values of one or more keys.",
        since: "1.0.0",
        group: "string",
        complexity: "O(N) where N is the number of keys to retrieve.",
        args: "key:k@0*",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    cx.out.array(cx.argc() - 1);
    for key in &cx.argv[1..] {
        match cx.s.read(cx.db, key).and_then(Value::bytes) {
            Some(bytes) => cx.out.bulk(&bytes),
            None => cx.out.null(),
        }
    }
    Ok(())
}
