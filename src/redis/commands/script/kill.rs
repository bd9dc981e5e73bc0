//! SCRIPT KILL

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "script|kill",
    arity: 2,
    flags: flag::NOSCRIPT | flag::ALLOW_BUSY,
    acl: acl::SLOW | acl::SCRIPTING,
    first: (0, 0, 0),
    keys: &[],
    tips: &["request_policy:all_shards", "response_policy:one_succeeded"],
    docs: Docs {
        summary: "Terminates a server-side Lua script during execution.",
        since: "2.6.0",
        group: "scripting",
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
    cx.s.kill_script(true)?;
    cx.out.ok();
    Ok(())
}
