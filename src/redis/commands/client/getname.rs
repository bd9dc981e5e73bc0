//! CLIENT GETNAME

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "client|getname",
    arity: 2,
    flags: flag::NOSCRIPT | flag::LOADING | flag::STALE | flag::SENTINEL,
    acl: acl::SLOW | acl::CONNECTION,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Returns the name of the connection.",
        since: "2.6.9",
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
    let name = cx.me().name.clone();
    if name.is_empty() {
        cx.out.null();
    } else {
        cx.out.bulk(&name);
    }
    Ok(())
}
