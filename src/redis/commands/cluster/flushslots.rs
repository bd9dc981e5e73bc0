//! CLUSTER FLUSHSLOTS

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "cluster|flushslots",
    arity: 2,
    flags: flag::ADMIN | flag::STALE | flag::NO_ASYNC_LOADING,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Deletes all slots information from a node.",
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
    if !cx.s.dbs[0].is_empty() {
        return Err("ERR DB must be empty to perform CLUSTER FLUSHSLOTS.".into());
    }
    cx.s.cancel_migrations("slots configuration updated", |_| true);
    if let Some(cluster) = &mut cx.s.cluster {
        let me = cluster.myself;
        cluster.del_slots_of(me);
        cluster.todo.save = true;
        cluster.todo.state = true;
    }
    cx.out.ok();
    Ok(())
}
