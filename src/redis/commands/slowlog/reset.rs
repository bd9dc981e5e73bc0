//! SLOWLOG RESET

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "slowlog|reset",
    arity: 2,
    flags: flag::ADMIN | flag::LOADING | flag::STALE,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &["request_policy:all_nodes", "response_policy:all_succeeded"],
    docs: Docs {
        summary: "Clears all entries from the slow log.",
        since: "2.2.12",
        group: "server",
        complexity: "O(N) where N is the number of entries in the slowlog",
        args: "",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    cx.s.stats.slowlog.clear();
    cx.out.ok();
    Ok(())
}
