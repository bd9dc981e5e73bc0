//! CLUSTER REPLICATE node-id

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "cluster|replicate",
    arity: 3,
    flags: flag::ADMIN | flag::STALE | flag::NO_ASYNC_LOADING,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Configure a node as replica of a master node.",
        since: "3.0.0",
        group: "cluster",
        complexity: "O(1)",
        args: "node-id:s",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let name = String::from_utf8_lossy(cx.arg(2)).into_owned();
    let c = super::cluster(cx)?;
    let Some(id) = c.by_name(&name) else { return Err(crate::server::errors::unknown_node(&name).into()) };
    if id == c.myself {
        return Err("ERR Can't replicate myself".into());
    }
    if !c.nodes[&id].is_master() {
        return Err("ERR I can only replicate a master, not a replica.".into());
    }
    if c.me().is_master() && (c.me().slot_count > 0 || !cx.s.dbs[0].is_empty()) {
        return Err("ERR To set a master the node must be empty and without assigned slots.".into());
    }
    if c.me().master != Some(id) {
        cx.s.become_replica_of(id);
    }
    cx.out.ok();
    Ok(())
}
