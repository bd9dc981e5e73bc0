//! CLUSTER BUMPEPOCH

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "cluster|bumpepoch",
    arity: 2,
    flags: flag::ADMIN | flag::STALE | flag::NO_ASYNC_LOADING,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &["nondeterministic_output"],
    docs: Docs {
        summary: "Advances the cluster config epoch.",
        since: "3.0.0",
        group: "cluster",
        complexity: "O(1)",
        args: "",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    super::cluster(cx)?;
    let bumped = cx.s.bump_epoch();
    let epoch = super::cluster(cx)?.me().config_epoch;
    cx.out.simple(&format!("{} {epoch}", if bumped { "BUMPED" } else { "STILL" }));
    Ok(())
}
