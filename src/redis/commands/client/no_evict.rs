//! CLIENT NO-EVICT <ON | OFF>

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "client|no-evict",
    arity: 3,
    flags: flag::ADMIN | flag::NOSCRIPT | flag::LOADING | flag::STALE | flag::SENTINEL,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS | acl::CONNECTION,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Sets the client eviction mode of the connection.",
        since: "7.0.0",
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
    cx.me().no_evict = on;
    cx.out.ok();
    Ok(())
}
