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
    if cx.s.child_rewrites() {
        return Err("ERR Background append only file rewriting already in progress".into());
    }
    if cx.s.persist.child.is_some() || cx.s.in_exec {
        cx.s.persist.aof.scheduled = true;
        // Who asks for it does not wait for what failed before.
        cx.s.persist.aof.failures = 0;
        cx.out.simple("Background append only file rewriting scheduled");
        return Ok(());
    }
    if !cx.s.start_rewrite() {
        return Err(
            "ERR Can't execute an AOF background rewriting. Please check the server logs for more information.".into(),
        );
    }
    cx.out.simple("Background append only file rewriting started");
    Ok(())
}
