//! CLUSTER KEYSLOT key

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "cluster|keyslot",
    arity: 3,
    flags: flag::STALE,
    acl: acl::SLOW,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Returns the hash slot for a key.",
        since: "3.0.0",
        group: "cluster",
        complexity: "O(N) where N is the number of bytes in the key",
        args: "key:s",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    super::cluster(cx)?;
    cx.out.len(crate::keyspace::slots::slot_of(cx.arg(2)));
    Ok(())
}
