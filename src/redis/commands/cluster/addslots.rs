//! CLUSTER ADDSLOTS slot [...]

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "cluster|addslots",
    arity: -3,
    flags: flag::ADMIN | flag::STALE | flag::NO_ASYNC_LOADING,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Assigns new hash slots to a node.",
        since: "3.0.0",
        group: "cluster",
        complexity: "O(N) where N is the total number of hash slot arguments",
        args: "slot:i*",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let slots = super::slots(cx, false, true)?;
    super::assign(cx, &slots, true)
}
