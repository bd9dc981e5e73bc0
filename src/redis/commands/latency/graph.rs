//! LATENCY GRAPH event

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "latency|graph",
    arity: 3,
    flags: flag::ADMIN | flag::NOSCRIPT | flag::LOADING | flag::STALE,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &["nondeterministic_output", "request_policy:all_nodes", "response_policy:special"],
    docs: Docs {
        summary: "Returns a latency graph for an event.",
        since: "2.8.13",
        group: "server",
        complexity: "O(1)",
        args: "event:s",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let event = String::from_utf8_lossy(cx.arg(2)).into_owned();
    Err(format!("ERR No samples available for event '{event}'").into())
}
