//! READWRITE

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "readwrite",
    arity: 1,
    flags: flag::LOADING | flag::STALE | flag::FAST,
    acl: acl::FAST | acl::CONNECTION,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Enables read-write queries for a connection to a Reids Cluster replica node.",
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
    if !cx.s.hot.cluster {
        return Err("ERR This instance has cluster support disabled".into());
    }
    cx.me().readonly = false;
    cx.out.ok();
    Ok(())
}
