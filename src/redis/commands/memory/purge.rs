//! MEMORY PURGE

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "memory|purge",
    arity: 2,
    flags: 0,
    acl: acl::SLOW,
    first: (0, 0, 0),
    keys: &[],
    tips: &["request_policy:all_shards", "response_policy:all_succeeded"],
    docs: Docs {
        summary: "Asks the allocator to release memory.",
        since: "4.0.0",
        group: "server",
        complexity: "Depends on how much memory is allocated, could be slow",
        args: "",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    cx.out.ok();
    Ok(())
}
