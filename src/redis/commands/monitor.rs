//! MONITOR

use super::prelude::*;
use crate::server::client::Role;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "monitor",
    arity: 1,
    flags: flag::ADMIN | flag::NOSCRIPT | flag::LOADING | flag::STALE,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Listens for all requests received by the server in real-time.",
        since: "1.0.0",
        group: "server",
        complexity: "",
        args: "",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    if cx.no_block {
        return Err("ERR MONITOR isn't allowed for DENY BLOCKING client".into());
    }
    let id = cx.client;
    cx.me().role = Role::Monitor;
    cx.s.monitors.insert(id);
    cx.out.ok();
    Ok(())
}
