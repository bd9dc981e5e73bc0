//! TRIMSLOTS RANGES numranges startslot endslot [startslot endslot ...]

use super::prelude::*;
use crate::data::text::Text;
use crate::keyspace::slots::SLOTS;
use crate::slot_migration::SlotRanges;

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
    let slots = SlotRanges::of_words(cx.argv.get(3..).unwrap_or_default())?;
    let master = cluster.me().is_master();
    if cx.s.loading {
        // What comes after this in the file may be about the same keys.
        for slot in slots.slots() {
            let keys: Vec<_> = cx.s.dbs[0].slot_keys(slot).map(Text::new).collect();
            for key in keys {
                cx.s.delete(0, &key);
            }
        }
    } else if let Some(slot) = slots.slots().find(|slot| master && cx.s.shows_slot(*slot)) {
        return Err(format!("ERR the slot {slot} is served by this node").into());
    } else {
        cx.s.trim(&slots);
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
