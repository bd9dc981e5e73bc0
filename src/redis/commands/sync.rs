//! SYNC

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "sync",
    arity: 1,
    flags: flag::ADMIN | flag::NOSCRIPT | flag::NO_ASYNC_LOADING | flag::NO_MULTI,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "An internal command used in replication.",
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
    if cx.s.repl.is_replica() && !cx.s.repl.link_up() {
        return Err("NOMASTERLINK Can't SYNC while not connected with my master".into());
    }
    cx.s.sync_request(cx.client, None, cx.out);
    Ok(())
}
