//! CLIENT SETNAME connection-name

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "client|setname",
    arity: 3,
    flags: flag::NOSCRIPT | flag::LOADING | flag::STALE | flag::SENTINEL,
    acl: acl::SLOW | acl::CONNECTION,
    first: (0, 0, 0),
    keys: &[],
    tips: &["request_policy:all_nodes", "response_policy:all_succeeded"],
    docs: Docs {
        summary: "Sets the connection name.",
        since: "2.6.9",
        group: "connection",
        complexity: "O(1)",
        args: "connection-name:s",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let name = cx.arg(2).to_vec();
    crate::commands::connection::check_name(&name)?;
    cx.me().name = name;
    cx.out.ok();
    Ok(())
}
