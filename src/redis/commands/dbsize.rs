//! DBSIZE

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "dbsize",
    arity: 1,
    flags: flag::READONLY | flag::FAST,
    acl: acl::KEYSPACE | acl::READ | acl::FAST,
    first: (0, 0, 0),
    keys: &[],
    tips: &["request_policy:all_shards", "response_policy:agg_sum"],
    docs: Docs {
        summary: "Returns the number of keys in the database.",
        since: "1.0.0",
        group: "server",
        complexity: "O(1)",
        args: "",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let keys = cx.s.shown_keys(cx.db);
    cx.out.len(keys);
    Ok(())
}
