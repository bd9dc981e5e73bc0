//! CLUSTER SAVECONFIG

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "cluster|saveconfig",
    arity: 2,
    flags: flag::ADMIN | flag::STALE | flag::NO_ASYNC_LOADING,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Forces a node to save the cluster configuration to disk.",
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
    if !cx.s.cluster_save() {
        return Err("ERR error saving the cluster node config".into());
    }
    cx.out.ok();
    Ok(())
}
