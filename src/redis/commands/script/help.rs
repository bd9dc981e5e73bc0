//! SCRIPT HELP

use super::super::prelude::*;
use crate::commands::help;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "script|help",
    arity: 2,
    flags: flag::LOADING | flag::STALE,
    acl: acl::SLOW | acl::SCRIPTING,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Returns helpful text about the different subcommands.",
        since: "5.0.0",
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
    help::reply(
        cx,
        &[
            "DEBUG (YES|SYNC|NO)",
            "    Set the debug mode for subsequent scripts executed.",
            "EXISTS <sha1> [<sha1> ...]",
            "    Return information about the existence of the scripts in the script cache.",
            "FLUSH [ASYNC|SYNC]",
            "    Flush the Lua scripts cache. Very dangerous on replicas.",
            "    When called without the optional mode argument, the behavior is determined by the",
            "    lazyfree-lazy-user-flush configuration directive. Valid modes are:",
            "    * ASYNC: Asynchronously flush the scripts cache.",
            "    * SYNC: Synchronously flush the scripts cache.",
            "KILL",
            "    Kill the currently executing Lua script.",
            "LOAD <script>",
            "    Load a script into the scripts cache without executing it.",
        ],
    )
}
