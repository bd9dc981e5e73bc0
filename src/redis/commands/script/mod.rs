//! SCRIPT

mod debug;
mod exists;
mod flush;
mod help;
mod kill;
mod load;

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "script",
    arity: -2,
    flags: 0,
    acl: acl::SLOW,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "A container for Lua scripts management commands.",
        since: "2.6.0",
        group: "scripting",
        complexity: "Depends on subcommand.",
        args: "",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[&debug::COMMAND, &exists::COMMAND, &flush::COMMAND, &help::COMMAND, &kill::COMMAND, &load::COMMAND],
    run,
};

fn run(_cx: &mut Cx<'_>) -> Res {
    Ok(())
}
