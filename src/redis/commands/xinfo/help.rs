//! XINFO HELP

use super::super::prelude::*;
use crate::commands::help;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "xinfo|help",
    arity: 2,
    flags: flag::LOADING | flag::STALE,
    acl: acl::STREAM | acl::SLOW,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Returns helpful text about the different subcommands.",
        since: "5.0.0",
        group: "stream",
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
            "CONSUMERS <key> <groupname>",
            "    Show consumers of <groupname>.",
            "GROUPS <key>",
            "    Show the stream consumer groups.",
            "STREAM <key> [FULL [COUNT <count>]",
            "    Show information about the stream.",
        ],
    )
}
