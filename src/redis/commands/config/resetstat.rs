//! CONFIG RESETSTAT

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "config|resetstat",
    arity: 2,
    flags: flag::ADMIN | flag::NOSCRIPT | flag::LOADING | flag::STALE,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &["request_policy:all_nodes", "response_policy:all_succeeded"],
    docs: Docs {
        summary: "Resets the server's statistics.",
        since: "2.0.0",
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
    let old = std::mem::take(&mut cx.s.count);
    cx.s.count.peak_memory = old.peak_memory;
    cx.s.count.peak_time = old.peak_time;
    cx.s.metrics = Default::default();
    cx.s.stats.reset();
    cx.s.slot_stats.reset_all();
    cx.s.scripting.evicted = 0;
    cx.out.ok();
    Ok(())
}
