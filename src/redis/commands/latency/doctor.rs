//! LATENCY DOCTOR

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "latency|doctor",
    arity: 2,
    flags: flag::ADMIN | flag::NOSCRIPT | flag::LOADING | flag::STALE,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &["nondeterministic_output", "request_policy:all_nodes", "response_policy:special"],
    docs: Docs {
        summary: "Returns a human-readable latency analysis report.",
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
    let text = if cx.s.config.int(crate::config::LATENCY_MONITOR_THRESHOLD) == 0 {
        "I'm sorry, Dave, I can't do that. Latency monitoring is disabled in this Redis instance. You may use \"CONFIG SET latency-monitor-threshold <milliseconds>.\" in order to enable it.\n"
    } else {
        "Dave, no latency spike was observed during the lifetime of this Redis instance, not in the slightest bit. I honestly think you ought to sit down calmly, take a stress pill, and think things over.\n"
    };
    cx.out.verbatim("txt", text.as_bytes());
    Ok(())
}
