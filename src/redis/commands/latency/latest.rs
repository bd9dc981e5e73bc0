//! LATENCY LATEST

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "latency|latest",
    arity: 2,
    flags: flag::ADMIN | flag::NOSCRIPT | flag::LOADING | flag::STALE,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &["nondeterministic_output", "request_policy:all_nodes", "response_policy:special"],
    docs: Docs {
        summary: "Returns the latest latency samples for all events.",
        since: "2.8.13",
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
    let events = &cx.s.latency.events;
    cx.out.array(events.len());
    for (event, series) in events {
        cx.out.array(4);
        cx.out.text(event);
        let last = series.samples.back().map_or((0, 0), |s| (s.time, s.ms));
        cx.out.int(last.0);
        cx.out.int(last.1);
        cx.out.int(series.max);
    }
    Ok(())
}
