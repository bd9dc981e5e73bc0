//! MULTI

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "multi",
    arity: 1,
    flags: flag::NOSCRIPT | flag::LOADING | flag::STALE | flag::FAST | flag::ALLOW_BUSY,
    acl: acl::FAST | acl::TRANSACTION,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Starts a transaction.",
        since: "1.2.0",
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
    if cx.me().multi.is_some() {
        return Err("ERR MULTI calls can not be nested".into());
    }
    cx.me().multi = Some(Default::default());
    cx.out.ok();
    Ok(())
}
