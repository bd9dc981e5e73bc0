//! UNWATCH

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "unwatch",
    arity: 1,
    flags: flag::NOSCRIPT | flag::LOADING | flag::STALE | flag::FAST | flag::ALLOW_BUSY,
    acl: acl::FAST | acl::TRANSACTION,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Forgets about watched keys of a transaction.",
        since: "2.2.0",
        group: "transactions",
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
    cx.s.unwatch_all(cx.client);
    cx.out.ok();
    Ok(())
}
