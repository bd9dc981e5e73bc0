//! CLUSTER FORGET node-id

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "cluster|forget",
    arity: 3,
    flags: flag::ADMIN | flag::STALE | flag::NO_ASYNC_LOADING,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Removes a node from the nodes table.",
        since: "3.0.0",
        group: "cluster",
        complexity: "O(1)",
        args: "node-id:s",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let name = String::from_utf8_lossy(cx.arg(2)).into_owned();
    let until = cx.s.blacklist_until();
    let c = super::cluster(cx)?;
    let Some(id) = c.by_name(&name) else { return Err(crate::server::errors::unknown_node(&name).into()) };
    if id == c.myself {
        return Err("ERR I tried hard but I can't forget myself...".into());
    }
    if c.me().master == Some(id) {
        return Err("ERR Can't forget my master!".into());
    }
    cx.s.forget_node(id, until);
    cx.out.ok();
    Ok(())
}
