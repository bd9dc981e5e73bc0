//! MEMORY MALLOC-STATS

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "memory|malloc-stats",
    arity: 2,
    flags: 0,
    acl: acl::SLOW,
    first: (0, 0, 0),
    keys: &[],
    tips: &["nondeterministic_output", "request_policy:all_shards", "response_policy:special"],
    docs: Docs {
        summary: "Returns the allocator statistics.",
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
    cx.out.verbatim("txt", b"drydock: statistics of jemalloc are not emulated here");
    Ok(())
}
