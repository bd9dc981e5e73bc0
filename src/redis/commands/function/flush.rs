//! FUNCTION FLUSH [ASYNC | SYNC]

use super::super::prelude::*;
use crate::config;
use crate::scripting::LAZY_FREE_THRESHOLD;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "function|flush",
    arity: -2,
    flags: flag::WRITE | flag::NOSCRIPT,
    acl: acl::WRITE | acl::SLOW | acl::SCRIPTING,
    first: (0, 0, 0),
    keys: &[],
    tips: &["request_policy:all_shards", "response_policy:all_succeeded"],
    docs: Docs {
        summary: "Deletes all libraries and functions.",
        since: "7.0.0",
        group: "scripting",
        complexity: "O(N) where N is the number of functions deleted",
        args: "flush-type:o?(async:t=ASYNC sync:t=SYNC)",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    if cx.argc() > 3 {
        return Err(Fail::Bytes(crate::server::errors::subcommand_syntax(cx.argv)));
    }
    if cx.argc() == 3 && !cx.is(2, "sync") && !cx.is(2, "async") {
        return Err("ERR FUNCTION FLUSH only supports SYNC|ASYNC option".into());
    }
    let later = cx.is(2, "async") || (cx.argc() == 2 && cx.s.config.bool(config::LAZYFREE_LAZY_USER_FLUSH));
    let count = cx.s.scripting.functions.count();
    if later && count > LAZY_FREE_THRESHOLD {
        // The interpreter is one object more.
        cx.s.count.lazy_freed += count as u64 + 1;
    }
    cx.s.scripting.functions.flush();
    cx.s.dirty += 1;
    cx.out.ok();
    Ok(())
}
