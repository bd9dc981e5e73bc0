//! COMMAND INFO [command-name [...]]

use super::super::prelude::*;
use crate::commands::{all_in, docs};

/// The command's description.
pub static COMMAND: Command = Command {
    name: "command|info",
    arity: -2,
    flags: flag::LOADING | flag::STALE | flag::SENTINEL,
    acl: acl::SLOW | acl::CONNECTION,
    first: (0, 0, 0),
    keys: &[],
    tips: &["nondeterministic_output_order"],
    docs: Docs {
        summary: "Returns information about one, multiple or all commands.",
        since: "2.8.13",
        group: "server",
        complexity: "O(N) where N is the number of commands to look up",
        args: "command-name:s?*",
        history: &[("7.0.0", "Allowed to be called with no argument to get info on all commands.")],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let sentinel = cx.s.sentinel_mode;
    if cx.argc() == 2 {
        let all = all_in(sentinel);
        cx.out.array(all.len());
        for command in all {
            docs::reply_info(command, sentinel, cx.out);
        }
        return Ok(());
    }
    cx.out.array(cx.argc() - 2);
    for name in &cx.argv[2..] {
        match super::by_full_name(name, sentinel) {
            Some(command) => docs::reply_info(command, sentinel, cx.out),
            None => cx.out.null_array(),
        }
    }
    Ok(())
}
