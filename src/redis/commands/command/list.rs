//! COMMAND LIST [FILTERBY MODULE module-name | ACLCAT category | PATTERN pattern]

use super::super::prelude::*;
use crate::commands::{acl as category, all_in};
use crate::server::glob;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "command|list",
    arity: -2,
    flags: flag::LOADING | flag::STALE | flag::SENTINEL,
    acl: acl::SLOW | acl::CONNECTION,
    first: (0, 0, 0),
    keys: &[],
    tips: &["nondeterministic_output_order"],
    docs: Docs {
        summary: "Returns a list of command names.",
        since: "7.0.0",
        group: "server",
        complexity: "O(N) where N is the total number of Redis commands",
        args: "filterby:o=FILTERBY?(module-name:s=MODULE category:s=ACLCAT pattern:p=PATTERN)",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let mut bit = None;
    if cx.argc() == 5 && cx.is(2, "FILTERBY") {
        if cx.is(3, "ACLCAT") {
            bit = Some(category::NAMES.iter().position(|n| cx.is(4, n)).map_or(0, |n| 1u32 << n));
        } else if !cx.is(3, "PATTERN") && !cx.is(3, "MODULE") {
            return Err(err::SYNTAX.into());
        }
    } else if cx.argc() != 2 {
        return Err(err::SYNTAX.into());
    }
    let keep = |command: &Command| match bit {
        Some(bit) => command.acl & bit != 0,
        None if cx.argc() == 2 => true,
        None if cx.is(3, "MODULE") => command.flags & flag::MODULE != 0 && cx.arg(4) == b"vectorset",
        None => glob::matches(cx.arg(4), command.name.as_bytes(), true),
    };
    let mut names = Vec::new();
    for command in all_in(cx.s.sentinel_mode) {
        if keep(command) {
            names.push(command.shown_name());
        }
        names.extend(command.subs_in(cx.s.sentinel_mode).into_iter().filter(|c| keep(c)).map(|c| c.shown_name()));
    }
    let names: Vec<&str> = names.iter().map(|name| &**name).collect();
    cx.out.texts(&names);
    Ok(())
}
