//! CLUSTER FAILOVER [FORCE | TAKEOVER]

use super::super::prelude::*;
use crate::cluster::message::node_flag;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "cluster|failover",
    arity: -2,
    flags: flag::ADMIN | flag::STALE | flag::NO_ASYNC_LOADING,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Forces a replica to perform a manual failover of its master.",
        since: "3.0.0",
        group: "cluster",
        complexity: "O(1)",
        args: "options:o?(force:t=FORCE takeover:t=TAKEOVER)",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let (mut force, mut takeover) = (false, false);
    if cx.argc() == 3 {
        force = cx.is(2, "FORCE");
        takeover = cx.is(2, "TAKEOVER");
    }
    if cx.argc() > 3 || (cx.argc() == 3 && !force && !takeover) {
        return Err(err::SYNTAX.into());
    }
    let c = super::cluster(cx)?;
    if c.me().is_master() {
        return Err("ERR You should send CLUSTER FAILOVER to a replica".into());
    }
    let Some(master) = c.me().master.and_then(|m| c.nodes.get(&m)) else {
        return Err("ERR I'm a replica but my master is unknown to me".into());
    };
    if (master.has(node_flag::FAIL) || master.link.is_none()) && !force && !takeover {
        return Err("ERR Master is down or failed, please use CLUSTER FAILOVER FORCE".into());
    }
    cx.s.manual_failover(force, takeover);
    cx.out.ok();
    Ok(())
}
