//! CLUSTER COUNTKEYSINSLOT slot

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "cluster|countkeysinslot",
    arity: 3,
    flags: flag::STALE,
    acl: acl::SLOW,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Returns the number of keys in a hash slot.",
        since: "3.0.0",
        group: "cluster",
        complexity: "O(1)",
        args: "slot:i",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    super::cluster(cx)?;
    let n = cx.int(2)?;
    let Some(slot) = usize::try_from(n).ok().filter(|s| *s < 16384) else { return Err("ERR Invalid slot".into()) };
    cx.out.len(if cx.s.shows_slot(slot) { cx.s.dbs[0].slot_len(slot) } else { 0 });
    Ok(())
}
