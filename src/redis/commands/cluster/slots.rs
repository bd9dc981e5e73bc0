//! CLUSTER SLOTS

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "cluster|slots",
    arity: 2,
    flags: flag::LOADING | flag::STALE,
    acl: acl::SLOW,
    first: (0, 0, 0),
    keys: &[],
    tips: &["nondeterministic_output"],
    docs: Docs {
        summary: "Returns the mapping of cluster slots to nodes.",
        since: "3.0.0",
        group: "cluster",
        complexity: "O(N) where N is the total number of Cluster nodes",
        args: "",
        history: &[("4.0.0", "Added node IDs."), ("7.0.0", "Added additional networking metadata field.")],
        deprecated: Some(("7.0.0", "`CLUSTER SHARDS`")),
        flags: &["deprecated"],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    super::cluster(cx)?;
    super::topology::slots(cx)
}
