//! CLUSTER NODES

use super::super::prelude::*;
use crate::cluster::message::node_flag;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "cluster|nodes",
    arity: 2,
    flags: flag::STALE,
    acl: acl::SLOW,
    first: (0, 0, 0),
    keys: &[],
    tips: &["nondeterministic_output"],
    docs: Docs {
        summary: "Returns the cluster configuration for a node.",
        since: "3.0.0",
        group: "cluster",
        complexity: "O(N) where N is the total number of Cluster nodes",
        args: "",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let text = super::cluster(cx)?.lines(node_flag::HANDSHAKE, false);
    cx.out.verbatim("txt", text.as_bytes());
    Ok(())
}
