//! ACL WHOAMI

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "acl|whoami",
    arity: 2,
    flags: flag::NOSCRIPT | flag::LOADING | flag::STALE | flag::SENTINEL,
    acl: acl::SLOW,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Returns the authenticated username of the current connection.",
        since: "6.0.0",
        group: "server",
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
    let name = machine::text::to_bytes(&cx.me().user);
    if name.is_empty() {
        cx.out.null()
    } else {
        cx.out.bulk(&name)
    }
    Ok(())
}
