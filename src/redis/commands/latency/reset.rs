//! LATENCY RESET [event [...]]

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "latency|reset",
    arity: -2,
    flags: flag::ADMIN | flag::NOSCRIPT | flag::LOADING | flag::STALE,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &["request_policy:all_nodes", "response_policy:agg_sum"],
    docs: Docs {
        summary: "Resets the latency data for one or more events.",
        since: "2.8.13",
        group: "server",
        complexity: "O(1)",
        args: "event:s?*",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let gone = cx.s.latency.reset(&cx.argv[2..]);
    cx.out.len(gone);
    Ok(())
}
