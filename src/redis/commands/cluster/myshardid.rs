//! CLUSTER MYSHARDID

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "cluster|myshardid",
    arity: 2,
    flags: flag::STALE,
    acl: acl::SLOW,
    first: (0, 0, 0),
    keys: &[],
    tips: &["nondeterministic_output"],
    docs: Docs {
        summary: "Returns the shard ID of a node.",
        since: "7.2.0",
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
    let shard = super::cluster(cx)?.me().shard.clone();
    cx.out.text(&shard);
    Ok(())
}
