//! MEMORY

mod doctor;
mod help;
mod malloc_stats;
mod purge;
mod stats;
mod usage;

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "memory",
    arity: -2,
    flags: 0,
    acl: acl::SLOW,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "A container for memory diagnostics commands.",
        since: "4.0.0",
        group: "server",
        complexity: "Depends on subcommand.",
        args: "",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[
        &doctor::COMMAND,
        &help::COMMAND,
        &malloc_stats::COMMAND,
        &purge::COMMAND,
        &stats::COMMAND,
        &usage::COMMAND,
    ],
    run,
};

fn run(_cx: &mut Cx<'_>) -> Res {
    Ok(())
}
