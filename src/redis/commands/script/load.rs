//! SCRIPT LOAD script

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "script|load",
    arity: 3,
    flags: flag::NOSCRIPT | flag::STALE,
    acl: acl::SLOW | acl::SCRIPTING,
    first: (0, 0, 0),
    keys: &[],
    tips: &["request_policy:all_nodes", "response_policy:all_succeeded"],
    docs: Docs {
        summary: "Loads a server-side Lua script to the script cache.",
        since: "2.6.0",
        group: "scripting",
        complexity: "O(N) with N being the length in bytes of the script body.",
        args: "script:s",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let sha = cx.s.add_script(cx.arg(2), true).map_err(crate::server::Fail::Bytes)?;
    cx.out.text(&sha);
    Ok(())
}
