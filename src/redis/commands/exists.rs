//! EXISTS key [...]

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "exists",
    arity: -2,
    flags: flag::READONLY | flag::FAST,
    acl: acl::KEYSPACE | acl::READ | acl::FAST,
    first: (1, -1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(-1, 1, 0), flags: key::RO, notes: "" }],
    tips: &["request_policy:multi_shard", "response_policy:agg_sum"],
    docs: Docs {
        summary: "Determines whether one or more keys exist.",
        since: "1.0.0",
        group: "generic",
        complexity: "O(N) where N is the number of keys to check.",
        args: "key:k@0*",
        history: &[("3.0.3", "Accepts multiple `key` arguments.")],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let mut count = 0;
    for key in &cx.argv[1..] {
        count += i64::from(cx.s.has(cx.db, key));
    }
    cx.out.int(count);
    Ok(())
}
