//! CLUSTER GETKEYSINSLOT slot count

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "cluster|getkeysinslot",
    arity: 4,
    flags: flag::STALE,
    acl: acl::SLOW,
    first: (0, 0, 0),
    keys: &[],
    tips: &["nondeterministic_output"],
    docs: Docs {
        summary: "Returns the key names in a hash slot.",
        since: "3.0.0",
        group: "cluster",
        complexity: "O(N) where N is the number of requested keys",
        args: "slot:i count:i",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    super::cluster(cx)?;
    let (slot, count) = (cx.int(2)?, cx.int(3)?);
    let (Some(slot), Ok(count)) = (usize::try_from(slot).ok().filter(|s| *s < 16384), usize::try_from(count)) else {
        return Err("ERR Invalid slot or number of keys".into());
    };
    let keys: Vec<_> = cx.s.dbs[0].slot_keys(slot).take(if cx.s.shows_slot(slot) { count } else { 0 }).collect();
    cx.out.array(keys.len());
    for key in keys {
        cx.out.bulk(key);
    }
    Ok(())
}
