//! MODULE LOAD path [arg [...]]
//!
//! Modules are programs for the original's own processor: none can be loaded here.

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "module|load",
    arity: -3,
    flags: flag::ADMIN | flag::NOSCRIPT | flag::NO_ASYNC_LOADING | flag::PROTECTED,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Loads a module.",
        since: "4.0.0",
        group: "server",
        complexity: "O(1)",
        args: "path:s arg:s?*",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    refuse(cx)
}

/// MODULE LOAD and MODULE LOADEX.
pub(super) fn refuse(cx: &mut Cx<'_>) -> Res {
    let path = String::from_utf8_lossy(cx.arg(2)).into_owned();
    cx.s.warn(&format!("Module {path} failed to load: drydock: modules are not emulated here"));
    Err("ERR Error loading the extension. Please check the server logs.".into())
}
