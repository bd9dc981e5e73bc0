//! CLUSTER DELSLOTSRANGE start-slot end-slot [...]

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "cluster|delslotsrange",
    arity: -4,
    flags: flag::ADMIN | flag::STALE | flag::NO_ASYNC_LOADING,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Sets hash slot ranges as unbound for a node.",
        since: "7.0.0",
        group: "cluster",
        complexity: "O(N) where N is the total number of the slots between the start slot and end slot arguments.",
        args: "range:b*(start-slot:i end-slot:i)",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let slots = super::slots(cx, true, false)?;
    super::assign(cx, &slots, false)
}
