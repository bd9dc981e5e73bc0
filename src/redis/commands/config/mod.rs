//! CONFIG

pub(crate) mod apply;
mod get;
mod help;
mod resetstat;
mod rewrite;
mod set;

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "config",
    arity: -2,
    flags: 0,
    acl: acl::SLOW,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "A container for server configuration commands.",
        since: "2.0.0",
        group: "server",
        complexity: "Depends on subcommand.",
        args: "",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[&get::COMMAND, &help::COMMAND, &resetstat::COMMAND, &rewrite::COMMAND, &set::COMMAND],
    run,
};

fn run(_cx: &mut Cx<'_>) -> Res {
    Ok(())
}
