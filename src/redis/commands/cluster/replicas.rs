//! CLUSTER REPLICAS node-id

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "cluster|replicas",
    arity: 3,
    flags: flag::ADMIN | flag::STALE,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &["nondeterministic_output"],
    docs: Docs {
        summary: "Lists the replica nodes of a master node.",
        since: "5.0.0",
        group: "cluster",
        complexity: "O(N) where N is the number of replicas.",
        args: "node-id:s",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

pub(crate) fn run(cx: &mut Cx<'_>) -> Res {
    let name = String::from_utf8_lossy(cx.arg(2)).into_owned();
    let c = super::cluster(cx)?;
    let Some(id) = c.by_name(&name) else { return Err(crate::server::errors::unknown_node(&name).into()) };
    if !c.nodes[&id].is_master() {
        return Err("ERR The specified node is not a master".into());
    }
    let lines: Vec<String> = c.replicas(id).into_iter().map(|r| c.line(r, false)).collect();
    cx.out.array(lines.len());
    for line in lines {
        cx.out.text(&line);
    }
    Ok(())
}
