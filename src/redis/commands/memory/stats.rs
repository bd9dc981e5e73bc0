//! MEMORY STATS

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "memory|stats",
    arity: 2,
    flags: 0,
    acl: acl::SLOW,
    first: (0, 0, 0),
    keys: &[],
    tips: &["nondeterministic_output", "request_policy:all_shards", "response_policy:special"],
    docs: Docs {
        summary: "Returns details about memory usage.",
        since: "4.0.0",
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
    let used = cx.s.used_memory();
    let keys: usize = cx.s.dbs.iter().map(|d| d.len()).sum();
    let tables: usize = cx.s.dbs.iter().map(|d| d.overhead()).sum();
    let startup = 705_376.min(used);
    let overhead = startup + tables.min(used - startup);
    let peak = cx.s.count.peak_memory.max(used);
    let numbers = [
        ("peak.allocated", peak),
        ("total.allocated", used),
        ("startup.allocated", startup),
        ("replication.backlog", cx.s.repl.backlog_memory()),
        ("clients.slaves", 0),
        ("clients.normal", cx.s.clients.len() * 1928),
        ("cluster.links", 0),
        ("aof.buffer", cx.s.persist.buffer_memory()),
        ("overhead.total", overhead),
        ("keys.count", keys),
        ("keys.bytes-per-key", (used - startup).checked_div(keys).unwrap_or(0)),
        ("dataset.bytes", used - overhead),
    ];
    cx.out.map(numbers.len());
    for (name, value) in numbers {
        cx.out.text(name);
        cx.out.len(value);
    }
    Ok(())
}
