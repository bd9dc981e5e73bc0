//! CLUSTER SLOT-STATS <SLOTSRANGE start-slot end-slot | ORDERBY metric [LIMIT limit] [ASC | DESC]>

use super::super::prelude::*;
use crate::keyspace::slots::SLOTS;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "cluster|slot-stats",
    arity: -4,
    flags: flag::LOADING | flag::STALE,
    acl: acl::SLOW,
    first: (0, 0, 0),
    keys: &[],
    tips: &["nondeterministic_output", "request_policy:all_shards"],
    docs: Docs {
        summary: "Return an array of slot usage statistics for slots assigned to the current node.",
        since: "8.2.0",
        group: "cluster",
        complexity: "O(N) where N is the total number of slots based on arguments. O(N*log(N)) with ORDERBY subcommand.",
        args: "filter:o(slotsrange:b=SLOTSRANGE(start-slot:i end-slot:i) orderby:b=ORDERBY(metric:s limit:i=LIMIT? order:o?(asc:t=ASC desc:t=DESC)))",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    if !cx.s.hot.cluster {
        return Err("ERR This instance has cluster support disabled".into());
    }
    if cx.argc() == 5 && cx.is(2, "SLOTSRANGE") {
        let (start, end) = (slot(cx, 3)?, slot(cx, 4)?);
        if start > end {
            return Err(format!("ERR Start slot number {start} is greater than end slot number {end}").into());
        }
        let slots: Vec<usize> = (start..=end).filter(|n| is_mine(cx, *n)).collect();
        reply(cx, &slots);
        return Ok(());
    }
    if cx.argc() >= 4 && cx.is(2, "ORDERBY") {
        return ordered(cx);
    }
    Err("ERR unknown subcommand or wrong number of arguments for 'SLOT-STATS'. Try CLUSTER HELP.".into())
}

fn slot(cx: &Cx<'_>, at: usize) -> Result<usize, Fail> {
    let n = resp::parse_i64(cx.arg(at)).and_then(|n| usize::try_from(n).ok()).filter(|n| *n < SLOTS);
    n.ok_or(Fail::from("ERR Invalid or out of range slot"))
}

/// Whether the shard of this node has a slot.
fn is_mine(cx: &Cx<'_>, slot: usize) -> bool {
    cx.s.cluster.as_ref().is_some_and(|c| c.owners.get(slot) == Some(&c.my_master()))
}

fn ordered(cx: &mut Cx<'_>) -> Res {
    let name = cx.arg(3).to_ascii_lowercase();
    let metric = metrics(cx).into_iter().find(|metric| metric.name().as_bytes() == name);
    let metric = metric.ok_or(Fail::from("ERR Unrecognized sort metric for ORDERBY."))?;
    let (mut limit, mut descending) = (None, None);
    let mut at = 4;
    while at < cx.argc() {
        let again = match cx.arg(at).to_ascii_lowercase().as_slice() {
            b"limit" if at + 1 < cx.argc() => {
                at += 1;
                let most = resp::parse_i64(cx.arg(at)).and_then(|n| usize::try_from(n).ok());
                let most = most
                    .filter(|n| (1..=SLOTS).contains(n))
                    .ok_or(Fail::from("ERR Limit has to lie in between 1 and 16384 (maximum number of slots)."))?;
                limit.replace(most).is_some()
            }
            word @ (b"asc" | b"desc") => descending.replace(word == b"desc").is_some(),
            _ => return Err(err::SYNTAX.into()),
        };
        if again {
            return Err("ERR Multiple filters of the same type are disallowed.".into());
        }
        at += 1;
    }
    let mut slots: Vec<usize> = (0..SLOTS).filter(|n| is_mine(cx, *n)).collect();
    // Slots with the same figure stay in the order of their numbers.
    match descending {
        Some(false) => slots.sort_by_cached_key(|n| metric.of(cx, *n)),
        _ => slots.sort_by_cached_key(|n| std::cmp::Reverse(metric.of(cx, *n))),
    }
    slots.truncate(limit.unwrap_or(SLOTS));
    reply(cx, &slots);
    Ok(())
}

/// What is told of a slot.
#[derive(Clone, Copy)]
enum Metric {
    Keys,
    Memory,
    Cpu,
    BytesIn,
    BytesOut,
}

impl Metric {
    fn name(self) -> &'static str {
        match self {
            Metric::Keys => "key-count",
            Metric::Memory => "memory-bytes",
            Metric::Cpu => "cpu-usec",
            Metric::BytesIn => "network-bytes-in",
            Metric::BytesOut => "network-bytes-out",
        }
    }

    fn of(self, cx: &Cx<'_>, slot: usize) -> u64 {
        let counts = cx.s.slot_stats.of(slot);
        match (self, cx.s.dbs.first()) {
            (Metric::Keys, Some(db)) => db.slot_len(slot) as u64,
            (Metric::Memory, Some(db)) => db.slot_memory(slot) as u64,
            (Metric::Cpu, _) => counts.cpu,
            (Metric::BytesIn, _) => counts.bytes_in,
            (Metric::BytesOut, _) => counts.bytes_out,
            _ => 0,
        }
    }
}

/// What is counted, in the order of the reply.
fn metrics(cx: &Cx<'_>) -> Vec<Metric> {
    let wanted = cx.s.hot.slots;
    let all = [
        (true, Metric::Keys),
        (wanted.mem, Metric::Memory),
        (wanted.cpu, Metric::Cpu),
        (wanted.net, Metric::BytesIn),
        (wanted.net, Metric::BytesOut),
    ];
    all.into_iter().filter(|(counted, _)| *counted).map(|(_, metric)| metric).collect()
}

fn reply(cx: &mut Cx<'_>, slots: &[usize]) {
    let metrics = metrics(cx);
    cx.out.array(slots.len());
    for slot in slots {
        cx.out.array(2);
        cx.out.len(*slot);
        cx.out.map(metrics.len());
        for metric in &metrics {
            let figure = metric.of(cx, *slot);
            cx.out.text(metric.name());
            cx.out.int(figure as i64);
        }
    }
}
