//! SCRIPT EXISTS sha1 [...]

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "script|exists",
    arity: -3,
    flags: flag::NOSCRIPT,
    acl: acl::SLOW | acl::SCRIPTING,
    first: (0, 0, 0),
    keys: &[],
    tips: &["request_policy:all_shards", "response_policy:agg_logical_and"],
    docs: Docs {
        summary: "Determines whether server-side Lua scripts exist in the script cache.",
        since: "2.6.0",
        group: "scripting",
        complexity: "O(N) with N being the number of scripts to check (so checking a single script is an O(1) operation).",
        args: "sha1:s*",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    cx.out.array(cx.argc() - 2);
    for at in 2..cx.argc() {
        let known = cx.s.scripting.knows(cx.arg(at));
        cx.out.int(i64::from(known));
    }
    Ok(())
}
