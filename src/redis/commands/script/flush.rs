//! SCRIPT FLUSH [ASYNC | SYNC]

use super::super::prelude::*;
use crate::config;
use crate::scripting::LAZY_FREE_THRESHOLD;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "script|flush",
    arity: -2,
    flags: flag::NOSCRIPT,
    acl: acl::SLOW | acl::SCRIPTING,
    first: (0, 0, 0),
    keys: &[],
    tips: &["request_policy:all_nodes", "response_policy:all_succeeded"],
    docs: Docs {
        summary: "Removes all server-side Lua scripts from the script cache.",
        since: "2.6.0",
        group: "scripting",
        complexity: "O(N) with N being the number of scripts in cache",
        args: "flush-type:o?^6.2.0(async:t=ASYNC sync:t=SYNC)",
        history: &[("6.2.0", "Added the `ASYNC` and `SYNC` flushing mode modifiers.")],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    if cx.argc() > 3 || (cx.argc() == 3 && !cx.is(2, "sync") && !cx.is(2, "async")) {
        return Err("ERR SCRIPT FLUSH only support SYNC|ASYNC option".into());
    }
    let later = cx.is(2, "async") || (cx.argc() == 2 && cx.s.config.bool(config::LAZYFREE_LAZY_USER_FLUSH));
    let count = cx.s.scripting.count();
    if later && count > LAZY_FREE_THRESHOLD {
        cx.s.count.lazy_freed += count as u64;
    }
    cx.s.scripting.flush();
    cx.out.ok();
    Ok(())
}
