//! CLUSTER SHARDS

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "cluster|shards",
    arity: 2,
    flags: flag::LOADING | flag::STALE,
    acl: acl::SLOW,
    first: (0, 0, 0),
    keys: &[],
    tips: &["nondeterministic_output"],
    docs: Docs {
        summary: "Returns the mapping of cluster slots to shards.",
        since: "7.0.0",
        group: "cluster",
        complexity: "O(N) where N is the total number of cluster nodes",
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
    super::topology::shards(cx)
}
