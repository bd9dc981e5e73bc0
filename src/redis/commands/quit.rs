//! QUIT

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "quit",
    arity: -1,
    flags: flag::NOSCRIPT | flag::LOADING | flag::STALE | flag::FAST | flag::NO_AUTH | flag::ALLOW_BUSY,
    acl: acl::FAST | acl::CONNECTION,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Closes the connection.",
        since: "1.0.0",
        group: "connection",
        complexity: "O(1)",
        args: "",
        history: &[],
        deprecated: Some(("7.2.0", "just closing the connection")),
        flags: &["deprecated"],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    cx.me().close_after_reply = true;
    cx.out.ok();
    Ok(())
}
