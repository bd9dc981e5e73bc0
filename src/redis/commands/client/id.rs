//! CLIENT ID

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "client|id",
    arity: 2,
    flags: flag::NOSCRIPT | flag::LOADING | flag::STALE | flag::SENTINEL,
    acl: acl::SLOW | acl::CONNECTION,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Returns the unique client ID of the connection.",
        since: "5.0.0",
        group: "connection",
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
    cx.out.int(cx.client as i64);
    Ok(())
}
