//! FUNCTION

mod delete;
mod dump;
mod flush;
mod help;
mod kill;
mod list;
mod load;
mod restore;
mod stats;

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "function",
    arity: -2,
    flags: 0,
    acl: acl::SLOW,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "A container for function commands.",
        since: "7.0.0",
        group: "scripting",
        complexity: "Depends on subcommand.",
        args: "",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[
        &delete::COMMAND,
        &dump::COMMAND,
        &flush::COMMAND,
        &help::COMMAND,
        &kill::COMMAND,
        &list::COMMAND,
        &load::COMMAND,
        &restore::COMMAND,
        &stats::COMMAND,
    ],
    run,
};

fn run(_cx: &mut Cx<'_>) -> Res {
    Ok(())
}
