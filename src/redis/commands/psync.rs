//! PSYNC replicationid offset

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "psync",
    arity: -3,
    flags: flag::ADMIN | flag::NOSCRIPT | flag::NO_ASYNC_LOADING | flag::NO_MULTI,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "An internal command used in replication.",
        since: "2.8.0",
        group: "server",
        complexity: "",
        args: "replicationid:s offset:i",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let offset = cx.int(2)?;
    if cx.is(3, "FAILOVER") {
        cx.s.take_over(cx.client, cx.arg(1))?;
    }
    if cx.s.repl.failover.is_some() {
        return Err("NOMASTERLINK Can't SYNC while failing over".into());
    }
    if cx.s.repl.is_replica() && !cx.s.repl.link_up() {
        return Err("NOMASTERLINK Can't SYNC while not connected with my master".into());
    }
    cx.s.sync_request(cx.client, Some((cx.arg(1), offset)), cx.out);
    Ok(())
}
