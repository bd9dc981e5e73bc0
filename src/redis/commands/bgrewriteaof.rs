//! BGREWRITEAOF

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "bgrewriteaof",
    arity: 1,
    flags: flag::ADMIN | flag::NOSCRIPT | flag::NO_ASYNC_LOADING,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Asynchronously rewrites the append-only file to disk.",
        since: "1.0.0",
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
    cx.s.notice("Background append only file rewriting started");
    cx.s.rewrite_aof();
    cx.out.simple("Background append only file rewriting started");
    Ok(())
}
