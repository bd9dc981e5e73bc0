//! MODULE UNLOAD name

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "module|unload",
    arity: 3,
    flags: flag::ADMIN | flag::NOSCRIPT | flag::NO_ASYNC_LOADING | flag::PROTECTED,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Unloads a module.",
        since: "4.0.0",
        group: "server",
        complexity: "O(1)",
        args: "name:s",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let reason = match cx.arg(2) {
        b"vectorset" => "the module can't be unloaded",
        _ => "no such module with that name",
    };
    let name = String::from_utf8_lossy(cx.arg(2)).into_owned();
    cx.s.warn(&format!("Error unloading module {name}: {reason}"));
    Err(format!("ERR Error unloading module: {reason}").into())
}
