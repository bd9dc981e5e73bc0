//! CLUSTER SLOT-STATS <SLOTSRANGE start-slot end-slot | ORDERBY metric [LIMIT limit] [ASC | DESC]>
//!
//! Only how many keys each slot has: processor time, network and memory are not counted by slot here, as in a
//! server that was not told to (`cluster-slot-stats-enabled no`).

use super::super::prelude::*;
use crate::keyspace::db::SLOTS;

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
    if !cx.is(3, "KEY-COUNT") {
        return Err("ERR Unrecognized sort metric for ORDERBY.".into());
    }
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
    let count = |n: &usize| cx.s.dbs.first().map_or(0, |db| db.slot_len(*n));
    // Slots with as many keys stay in the order of their numbers.
    match descending {
        Some(false) => slots.sort_by_key(count),
        _ => slots.sort_by_key(|n| std::cmp::Reverse(count(n))),
    }
    slots.truncate(limit.unwrap_or(SLOTS));
    reply(cx, &slots);
    Ok(())
}

fn reply(cx: &mut Cx<'_>, slots: &[usize]) {
    cx.out.array(slots.len());
    for slot in slots {
        cx.out.array(2);
        cx.out.len(*slot);
        cx.out.map(1);
        cx.out.text("key-count");
        cx.out.len(cx.s.dbs.first().map_or(0, |db| db.slot_len(*slot)));
    }
}
