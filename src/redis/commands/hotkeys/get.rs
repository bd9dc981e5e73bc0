//! HOTKEYS GET

use super::super::prelude::*;
use crate::keyspace::slots::SLOTS;
use crate::server::hotkeys::Top;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "hotkeys|get",
    arity: 2,
    flags: flag::ADMIN | flag::NOSCRIPT,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &["nondeterministic_output", "request_policy:special", "response_policy:special"],
    docs: Docs {
        summary: "Returns lists of top K hotkeys depending on metrics chosen in HOTKEYS START command.",
        since: "8.6.0",
        group: "server",
        complexity: "O(K) where K is the number of hotkeys returned.",
        args: "",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

/// Slots as ranges: a single one has one number.
fn reply_ranges(cx: &mut Cx<'_>, slots: &[usize]) {
    let ranges: Vec<&[usize]> = slots.chunk_by(|a, b| a + 1 == *b).collect();
    cx.out.array(ranges.len());
    for range in ranges {
        let ends = if range.len() == 1 { &range[..1] } else { &[range[0], range[range.len() - 1]] };
        cx.out.array(ends.len());
        ends.iter().for_each(|slot| cx.out.len(*slot));
    }
}

fn reply_top(cx: &mut Cx<'_>, name: &str, top: &Top, most: usize) {
    cx.out.text(name);
    let list = top.list(most);
    cx.out.array(list.len() * 2);
    for (key, count) in list {
        cx.out.bulk(key);
        cx.out.int(count as i64);
    }
}

fn run(cx: &mut Cx<'_>) -> Res {
    let Some(hotkeys) = cx.s.hotkeys.take() else {
        cx.out.null();
        return Ok(());
    };
    let (plan, sums) = (&hotkeys.plan, &hotkeys.sums);
    let some_slots = plan.slots.is_some();
    let sampled = some_slots && plan.ratio > 1;
    cx.out.array(1);
    let pairs = 7 + 2 * usize::from(sampled) + 2 * usize::from(some_slots) + 3 * usize::from(plan.cpu);
    cx.out.map(pairs + 2 * usize::from(plan.net));
    cx.out.text("tracking-active");
    cx.out.int(i64::from(hotkeys.active));
    cx.out.text("sample-ratio");
    cx.out.int(plan.ratio as i64);
    cx.out.text("selected-slots");
    let slots: Vec<usize> = match (&plan.slots, &cx.s.cluster) {
        (Some(slots), _) => slots.iter().copied().collect(),
        (None, Some(cluster)) => (0..SLOTS).filter(|n| cluster.owners.get(*n) == Some(&cluster.myself)).collect(),
        (None, None) => (0..SLOTS).collect(),
    };
    reply_ranges(cx, &slots);
    let mut numbers = Vec::new();
    if sampled {
        numbers.push(("sampled-commands-selected-slots-us", sums.sampled.micros));
    }
    if some_slots {
        numbers.push(("all-commands-selected-slots-us", sums.selected.micros));
    }
    numbers.push(("all-commands-all-slots-us", sums.all.micros));
    if sampled {
        numbers.push(("net-bytes-sampled-commands-selected-slots", sums.sampled.bytes));
    }
    if some_slots {
        numbers.push(("net-bytes-all-commands-selected-slots", sums.selected.bytes));
    }
    numbers.push(("net-bytes-all-commands-all-slots", sums.all.bytes));
    numbers.push(("collection-start-time-unix-ms", hotkeys.start as u64));
    numbers.push(("collection-duration-ms", hotkeys.duration(cx.s.now_ms).max(0) as u64));
    if plan.cpu {
        let micros = cx.s.stats.commands.usec() - hotkeys.busy_before;
        numbers.push(("total-cpu-time-user-ms", (micros / 1000).max(0) as u64));
        numbers.push(("total-cpu-time-sys-ms", 0));
    }
    if plan.net {
        numbers.push(("total-net-bytes", hotkeys.net.total()));
    }
    for (name, number) in numbers {
        cx.out.text(name);
        cx.out.int(number as i64);
    }
    if plan.cpu {
        reply_top(cx, "by-cpu-time-us", &hotkeys.cpu, plan.count);
    }
    if plan.net {
        reply_top(cx, "by-net-bytes", &hotkeys.net, plan.count);
    }
    cx.s.hotkeys = Some(hotkeys);
    Ok(())
}
