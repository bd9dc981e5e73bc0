//! COMMAND COUNT

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "command|count",
    arity: 2,
    flags: flag::LOADING | flag::STALE | flag::SENTINEL,
    acl: acl::SLOW | acl::CONNECTION,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Returns a count of commands.",
        since: "2.8.13",
        group: "server",
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
    cx.out.len(crate::commands::all_in(cx.s.sentinel_mode).len());
    Ok(())
}
