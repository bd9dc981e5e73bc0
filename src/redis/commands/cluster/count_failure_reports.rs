//! CLUSTER COUNT-FAILURE-REPORTS node-id

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "cluster|count-failure-reports",
    arity: 3,
    flags: flag::ADMIN | flag::STALE,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &["nondeterministic_output"],
    docs: Docs {
        summary: "Returns the number of active failure reports active for a node.",
        since: "3.0.0",
        group: "cluster",
        complexity: "O(N) where N is the number of failure reports",
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
    let (now, timeout) = (cx.s.now_ms, cx.s.config.int(crate::config::CLUSTER_NODE_TIMEOUT));
    let Some(id) = super::cluster(cx)?.by_name(&name) else {
        return Err(crate::server::errors::unknown_node(&name).into());
    };
    let count = cx.s.cluster.as_mut().map_or(0, |c| c.count_reports(id, now, timeout));
    cx.out.len(count);
    Ok(())
}
