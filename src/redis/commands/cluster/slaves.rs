//! CLUSTER SLAVES node-id

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "cluster|slaves",
    arity: 3,
    flags: flag::ADMIN | flag::STALE,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &["nondeterministic_output"],
    docs: Docs {
        summary: "Lists the replica nodes of a master node.",
        since: "3.0.0",
        group: "cluster",
        complexity: "O(N) where N is the number of replicas.",
        args: "node-id:s",
        history: &[],
        deprecated: Some(("5.0.0", "`CLUSTER REPLICAS`")),
        flags: &["deprecated"],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    super::replicas::run(cx)
}
