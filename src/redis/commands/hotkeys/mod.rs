//! HOTKEYS

mod get;
mod help;
mod reset;
mod start;
mod stop;

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "hotkeys",
    arity: -2,
    flags: 0,
    acl: acl::SLOW,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "A container for hotkeys tracking commands.",
        since: "8.6.0",
        group: "server",
        complexity: "Depends on subcommand.",
        args: "",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[&get::COMMAND, &help::COMMAND, &reset::COMMAND, &start::COMMAND, &stop::COMMAND],
    run,
};

fn run(_cx: &mut Cx<'_>) -> Res {
    Ok(())
}
