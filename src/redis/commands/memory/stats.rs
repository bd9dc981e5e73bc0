//! MEMORY STATS

use super::super::prelude::*;
use crate::server::info::memory::{percent, ratio};

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
    let m = cx.s.memory();
    let numbers = [
        ("peak.allocated", m.peak),
        ("total.allocated", m.used),
        ("startup.allocated", m.startup),
        ("replication.backlog", m.backlog),
        ("replica.fullsync.buffer", 0),
        ("clients.slaves", m.replicas),
        ("clients.normal", m.clients),
        ("cluster.links", cx.s.bus_memory()),
        ("aof.buffer", cx.s.persist.buffer_memory()),
        ("lua.caches", 0),
        ("functions.caches", 192),
        ("script.VMs", 67584),
    ];
    cx.out.map(33 + m.tables.len());
    put(cx, &numbers);
    for (n, main, expires) in &m.tables {
        cx.out.text(&format!("db.{n}"));
        cx.out.map(2);
        put(cx, &[("overhead.hashtable.main", *main), ("overhead.hashtable.expires", *expires)]);
    }
    put(
        cx,
        &[
            ("overhead.db.hashtable.lut", m.lookup),
            ("overhead.db.hashtable.rehashing", m.rehashing),
            ("overhead.total", m.overhead),
            ("db.dict.rehashing.count", m.rehashing_count),
            ("keys.count", m.keys),
            ("keys.bytes-per-key", (m.used - m.startup).checked_div(m.keys).unwrap_or(0)),
            ("dataset.bytes", m.dataset),
        ],
    );
    put_double(cx, "dataset.percentage", m.dataset_percent());
    put_double(cx, "peak.percentage", percent(m.used, m.peak));
    put(
        cx,
        &[
            ("allocator.allocated", m.used),
            ("allocator.active", m.active),
            ("allocator.resident", m.resident),
            ("allocator.muzzy", 0),
        ],
    );
    for (name, part, whole) in [
        ("allocator-fragmentation", m.active, m.used),
        ("allocator-rss", m.resident, m.active),
        ("rss-overhead", m.rss, m.resident),
    ] {
        put_double(cx, &format!("{name}.ratio"), ratio(part, whole));
        put(cx, &[(&format!("{name}.bytes"), part - whole)]);
    }
    put_double(cx, "fragmentation", ratio(m.rss, m.used));
    put(cx, &[("fragmentation.bytes", m.rss - m.used)]);
    Ok(())
}

fn put(cx: &mut Cx<'_>, numbers: &[(&str, usize)]) {
    for (name, value) in numbers {
        cx.out.text(name);
        cx.out.len(*value);
    }
}

fn put_double(cx: &mut Cx<'_>, name: &str, value: f64) {
    cx.out.text(name);
    cx.out.double(value);
}
