//! CLIENT NO-TOUCH <ON | OFF>

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "client|no-touch",
    arity: 3,
    flags: flag::NOSCRIPT | flag::LOADING | flag::STALE,
    acl: acl::SLOW | acl::CONNECTION,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Controls whether commands sent by the client affect the LRU/LFU of accessed keys.",
        since: "7.2.0",
        group: "connection",
        complexity: "O(1)",
        args: "enabled:o(on:t=ON off:t=OFF)",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let on = super::on_or_off(cx, 2)?;
    cx.me().no_touch = on;
    cx.out.ok();
    Ok(())
}
