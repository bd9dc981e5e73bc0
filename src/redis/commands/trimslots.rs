//! TRIMSLOTS RANGES numranges startslot endslot [startslot endslot ...]

use super::prelude::*;
use crate::keyspace::db::SLOTS;
use std::ops::RangeInclusive;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "trimslots",
    arity: -5,
    flags: flag::WRITE,
    acl: acl::KEYSPACE | acl::WRITE | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Trim the keys that belong to specified slots.",
        since: "8.4.0",
        group: "server",
        complexity: "O(N) where N is the total number of keys in all databases",
        args: "ranges:b=RANGES(numranges:i slots:b*(startslot:i endslot:i))",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn slot(cx: &Cx<'_>, at: usize) -> Result<usize, Fail> {
    let slot = resp::parse_i64(cx.arg(at)).and_then(|n| usize::try_from(n).ok()).filter(|n| *n < SLOTS);
    slot.ok_or(Fail::from("ERR Invalid or out of range slot"))
}

/// The ranges from the word `at` on, in order.
fn ranges(cx: &Cx<'_>, at: usize) -> Result<Vec<RangeInclusive<usize>>, Fail> {
    let mut ranges = Vec::new();
    for at in (at..cx.argc()).step_by(2) {
        ranges.push(slot(cx, at)?..=slot(cx, at + 1)?);
    }
    if let Some(range) = ranges.iter().find(|r| r.start() > r.end()) {
        let (start, end) = (range.start(), range.end());
        return Err(format!("ERR start slot number {start} is greater than end slot number {end}").into());
    }
    ranges.sort_by_key(|range| *range.start());
    match ranges.windows(2).find(|pair| pair[0].end() >= pair[1].start()) {
        Some(pair) => Err(format!("ERR Slot {} specified multiple times", pair[1].start()).into()),
        None => Ok(ranges),
    }
}

fn run(cx: &mut Cx<'_>) -> Res {
    let Some(cluster) = &cx.s.cluster else {
        return Err("ERR This instance has cluster support disabled".into());
    };
    if !cx.is(1, "RANGES") {
        return Err("ERR missing ranges argument".into());
    }
    let count = cx.int(2)?;
    if !(1..=SLOTS as i64).contains(&count) || cx.argc() as i64 != 3 + count * 2 {
        return Err("ERR invalid number of ranges".into());
    }
    let slots: Vec<usize> = ranges(cx, 3)?.into_iter().flatten().collect();
    let served = |slot: &&usize| cluster.me().is_master() && cluster.owners.get(**slot) == Some(&cluster.myself);
    if !cx.s.loading
        && cx.s.client(cx.client).role != crate::server::client::Role::Master
        && let Some(slot) = slots.iter().find(served)
    {
        return Err(format!("ERR the slot {slot} is served by this node").into());
    }
    for slot in slots {
        let keys: Vec<Vec<u8>> = cx.s.dbs[0].slot_keys(slot).map(|key| key.as_bytes().to_vec()).collect();
        for key in keys {
            cx.s.delete(0, &key);
            cx.s.key_modified(0, &key, cx.client);
        }
    }
    // Replicas have the same keys, and whatever the command changed here it is to be told.
    cx.s.dirty += 1;
    cx.out.ok();
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::Bench;

    #[test]
    fn slots_of_others_are_emptied() {
        let mut bench = Bench::start("cluster-enabled yes");
        bench.run("CLUSTER ADDSLOTSRANGE 0 16383");
        bench.pass(3000);
        assert_eq!((bench.run("SET a 1"), bench.run("CLUSTER KEYSLOT a")), ("OK".into(), "15495".into()));
        assert_eq!(bench.run("TRIMSLOTS RANGES 1 15000 16000"), "ERR the slot 15000 is served by this node");
        assert_eq!(bench.run("TRIMSLOTS RANGES 2 15000 16000"), "ERR invalid number of ranges");
        bench.run("CLUSTER DELSLOTS 15495");
        assert_eq!((bench.run("TRIMSLOTS RANGES 1 15495 15495"), bench.run("DBSIZE")), ("OK".into(), "0".into()));
    }
}
