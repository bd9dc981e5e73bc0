//! CLIENT GETREDIR

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "client|getredir",
    arity: 2,
    flags: flag::NOSCRIPT | flag::LOADING | flag::STALE | flag::SENTINEL,
    acl: acl::SLOW | acl::CONNECTION,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Returns the client ID to which the connection's tracking notifications are redirected.",
        since: "6.0.0",
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
    let tracking = &cx.me().tracking;
    let answer = if tracking.on { tracking.redirect as i64 } else { -1 };
    cx.out.int(answer);
    Ok(())
}
