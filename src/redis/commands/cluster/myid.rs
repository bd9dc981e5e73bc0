//! CLUSTER MYID

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "cluster|myid",
    arity: 2,
    flags: flag::STALE,
    acl: acl::SLOW,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Returns the ID of a node.",
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
    let name = super::cluster(cx)?.me().name.clone();
    cx.out.text(&name);
    Ok(())
}
