//! HOTKEYS START METRICS count [CPU] [NET] [COUNT k] [DURATION seconds] [SAMPLE ratio] [SLOTS count slot [...]]

use super::super::prelude::*;
use crate::keyspace::slots::SLOTS;
use crate::server::hotkeys::{Hotkeys, Plan};
use std::collections::BTreeSet;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "hotkeys|start",
    arity: -2,
    flags: flag::ADMIN | flag::NOSCRIPT,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &["request_policy:special"],
    docs: Docs {
        summary: "Starts hotkeys tracking.",
        since: "8.6.0",
        group: "server",
        complexity: "O(1)",
        args: "metrics:b=METRICS(count:i cpu:t=CPU? net:t=NET?) k:i=COUNT? seconds:i=DURATION? ratio:i=SAMPLE? slots:b=SLOTS?(count:i slot:i*)",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

/// A number in these bounds, or this error.
fn number(cx: &Cx<'_>, at: usize, most: i64, error: &'static str) -> Result<i64, Fail> {
    let n = cx.int_or(at, error)?;
    if (1..=most).contains(&n) { Ok(n) } else { Err(error.into()) }
}

/// The metrics behind METRICS, and where the words behind them begin.
fn metrics(cx: &Cx<'_>) -> Result<(bool, bool, usize), Fail> {
    if cx.argc() < 4 || !cx.is(2, "METRICS") {
        return Err("ERR METRICS parameter is required".into());
    }
    let count = number(cx, 3, 2, "ERR METRICS count must be > 0 and <= 2")? as usize;
    let (mut cpu, mut net) = (false, false);
    let words = cx.argv.get(4..).unwrap_or_default();
    for word in words.iter().take(count) {
        if word.eq_ignore_ascii_case(b"CPU") {
            if std::mem::replace(&mut cpu, true) {
                return Err("ERR METRICS CPU defined more than once!".into());
            }
        } else if word.eq_ignore_ascii_case(b"NET") && std::mem::replace(&mut net, true) {
            return Err("ERR METRICS NET defined more than once!".into());
        }
    }
    if words.len() < count {
        return Err("ERR METRICS count does not match number of metric types provided".into());
    }
    if !cpu && !net {
        return Err("ERR METRICS no valid metrics passed. Supported: CPU|NET".into());
    }
    Ok((cpu, net, 4 + count))
}

/// The slots behind SLOTS at `at`.
fn slots(cx: &Cx<'_>, at: usize) -> Result<BTreeSet<usize>, Fail> {
    let Some(cluster) = &cx.s.cluster else {
        return Err("ERR SLOTS parameter cannot be used in non-cluster mode".into());
    };
    let count = number(cx, at + 1, SLOTS as i64, "ERR SLOTS count must be between 1 and 16384")? as usize;
    let words = cx.argv.get(at + 2..at + 2 + count).ok_or(Fail::from("ERR not enough slot numbers provided"))?;
    let mut slots = BTreeSet::new();
    for word in words {
        let slot = resp::parse_i64(word).and_then(|n| usize::try_from(n).ok()).filter(|n| *n < SLOTS);
        let slot = slot.ok_or(Fail::from("ERR Invalid or out of range slot"))?;
        if cluster.owners.get(slot) != Some(&cluster.myself) {
            return Err(format!("ERR slot {slot} not handled by this node").into());
        }
        if !slots.insert(slot) {
            return Err("ERR duplicate slot number".into());
        }
    }
    Ok(slots)
}

fn run(cx: &mut Cx<'_>) -> Res {
    if cx.s.hotkeys.as_ref().is_some_and(|h| h.active) {
        return Err("ERR hotkey tracking session already in progress".into());
    }
    let (cpu, net, mut at) = metrics(cx)?;
    let mut plan = Plan { cpu, net, count: 10, duration: 0, ratio: 1, slots: None };
    while at < cx.argc() {
        let more = at + 1 < cx.argc();
        match cx.arg(at).to_ascii_uppercase().as_slice() {
            b"COUNT" if more => plan.count = number(cx, at + 1, 64, "ERR COUNT must be between 1 and 64")? as usize,
            b"DURATION" if more => {
                plan.duration = number(cx, at + 1, 1_000_000, "ERR DURATION must be between 1 and 1000000")? * 1000;
            }
            b"SAMPLE" if more => {
                plan.ratio = number(cx, at + 1, i64::from(i32::MAX), "ERR SAMPLE ratio must be positive")? as u64;
            }
            b"SLOTS" if more => {
                if plan.slots.is_some() {
                    return Err("ERR SLOTS parameter already specified".into());
                }
                let slots = slots(cx, at)?;
                at += slots.len();
                plan.slots = Some(slots);
            }
            _ => return Err(err::SYNTAX.into()),
        }
        at += 2;
    }
    let busy = cx.s.stats.commands.usec();
    cx.s.hotkeys = Some(Box::new(Hotkeys::new(plan, cx.s.now_ms, busy)));
    cx.out.ok();
    Ok(())
}
