//! FUNCTION HELP

use super::super::prelude::*;
use crate::scripting::functions;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "function|help",
    arity: 2,
    flags: flag::LOADING | flag::STALE,
    acl: acl::SLOW | acl::SCRIPTING,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Returns helpful text about the different subcommands.",
        since: "7.0.0",
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
    functions::show_help(cx)
}
