//! COMMAND DOCS [command-name [...]]

use super::super::prelude::*;
use crate::commands::{all_in, docs};

/// The command's description.
pub static COMMAND: Command = Command {
    name: "command|docs",
    arity: -2,
    flags: flag::LOADING | flag::STALE | flag::SENTINEL,
    acl: acl::SLOW | acl::CONNECTION,
    first: (0, 0, 0),
    keys: &[],
    tips: &["nondeterministic_output_order"],
    docs: Docs {
        summary: "Returns documentary information about one, multiple or all commands.",
        since: "7.0.0",
        group: "server",
        complexity: "O(N) where N is the number of commands to look up",
        args: "command-name:s?*",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let sentinel = cx.s.sentinel_mode;
    let chosen: Vec<&Command> = if cx.argc() == 2 {
        all_in(sentinel)
    } else {
        cx.argv[2..].iter().filter_map(|name| super::by_full_name(name, sentinel)).collect()
    };
    cx.out.map(chosen.len());
    for command in chosen {
        cx.out.text(&command.shown_name());
        docs::reply_docs(command, sentinel, cx.out);
    }
    Ok(())
}
