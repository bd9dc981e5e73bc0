//! SLOWLOG LEN

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "slowlog|len",
    arity: 2,
    flags: flag::ADMIN | flag::LOADING | flag::STALE,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &["request_policy:all_nodes", "response_policy:agg_sum", "nondeterministic_output"],
    docs: Docs {
        summary: "Returns the number of entries in the slow log.",
        since: "2.2.12",
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
    cx.out.len(cx.s.stats.slowlog.len());
    Ok(())
}
