//! DISCARD

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "discard",
    arity: 1,
    flags: flag::NOSCRIPT | flag::LOADING | flag::STALE | flag::FAST | flag::ALLOW_BUSY,
    acl: acl::FAST | acl::TRANSACTION,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Discards a transaction.",
        since: "2.0.0",
        group: "transactions",
        complexity: "O(N), when N is the number of queued commands",
        args: "",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    if cx.me().multi.is_none() {
        return Err("ERR DISCARD without MULTI".into());
    }
    cx.s.discard(cx.client);
    cx.out.ok();
    Ok(())
}
