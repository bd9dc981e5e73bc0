//! LATENCY HISTORY event

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "latency|history",
    arity: 3,
    flags: flag::ADMIN | flag::NOSCRIPT | flag::LOADING | flag::STALE,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &["nondeterministic_output", "request_policy:all_nodes", "response_policy:special"],
    docs: Docs {
        summary: "Returns timestamp-latency samples for an event.",
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
    let name = String::from_utf8_lossy(cx.arg(2));
    let samples = cx.s.latency.events.get(name.as_ref()).map(|s| &s.samples);
    cx.out.array(samples.map_or(0, |s| s.len()));
    for sample in samples.into_iter().flatten() {
        cx.out.array(2);
        cx.out.int(sample.time);
        cx.out.int(sample.ms);
    }
    Ok(())
}
