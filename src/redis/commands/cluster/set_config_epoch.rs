//! CLUSTER SET-CONFIG-EPOCH config-epoch

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "cluster|set-config-epoch",
    arity: 3,
    flags: flag::ADMIN | flag::STALE | flag::NO_ASYNC_LOADING,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Sets the configuration epoch for a new node.",
        since: "3.0.0",
        group: "cluster",
        complexity: "O(1)",
        args: "config-epoch:i",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    super::cluster(cx)?;
    let epoch = cx.int(2)?;
    if epoch < 0 {
        return Err(format!("ERR Invalid config epoch specified: {epoch}").into());
    }
    let Some(cluster) = &mut cx.s.cluster else { return Ok(()) };
    if cluster.nodes.len() > 1 {
        return Err("ERR The user can assign a config epoch only when the node does not know any other node.".into());
    }
    if cluster.me().config_epoch != 0 {
        return Err("ERR Node config epoch is already non-zero".into());
    }
    cluster.me_mut().config_epoch = epoch as u64;
    cluster.epoch = cluster.epoch.max(epoch as u64);
    cluster.todo.save = true;
    cx.s.notice(&format!("configEpoch set to {epoch} via CLUSTER SET-CONFIG-EPOCH"));
    cx.out.ok();
    Ok(())
}
