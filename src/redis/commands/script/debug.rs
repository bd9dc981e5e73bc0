//! SCRIPT DEBUG <YES | SYNC | NO>

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "script|debug",
    arity: 3,
    flags: flag::NOSCRIPT,
    acl: acl::SLOW | acl::SCRIPTING,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Sets the debug mode of server-side Lua scripts.",
        since: "3.2.0",
        group: "scripting",
        complexity: "O(1)",
        args: "mode:o(yes:t=YES sync:t=SYNC no:t=NO)",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    crate::scripting::debug::set_mode(cx)
}
