//! SLOWLOG

mod get;
mod help;
mod len;
mod reset;

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "slowlog",
    arity: -2,
    flags: 0,
    acl: acl::SLOW,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "A container for slow log commands.",
        since: "2.2.12",
        group: "server",
        complexity: "Depends on subcommand.",
        args: "",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[&get::COMMAND, &help::COMMAND, &len::COMMAND, &reset::COMMAND],
    run,
};

fn run(_cx: &mut Cx<'_>) -> Res {
    Ok(())
}
