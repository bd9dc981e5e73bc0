//! LATENCY

mod doctor;
mod graph;
mod help;
mod histogram;
mod history;
mod latest;
mod reset;
mod sparkline;

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "latency",
    arity: -2,
    flags: 0,
    acl: acl::SLOW,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "A container for latency diagnostics commands.",
        since: "2.8.13",
        group: "server",
        complexity: "Depends on subcommand.",
        args: "",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[
        &doctor::COMMAND,
        &graph::COMMAND,
        &help::COMMAND,
        &histogram::COMMAND,
        &history::COMMAND,
        &latest::COMMAND,
        &reset::COMMAND,
    ],
    run,
};

fn run(_cx: &mut Cx<'_>) -> Res {
    Ok(())
}
