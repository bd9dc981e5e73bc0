//! MODULE LOADEX path [CONFIG name value [...]] [ARGS args [...]]

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "module|loadex",
    arity: -3,
    flags: flag::ADMIN | flag::NOSCRIPT | flag::NO_ASYNC_LOADING | flag::PROTECTED,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Loads a module using extended parameters.",
        since: "7.0.0",
        group: "server",
        complexity: "O(1)",
        args: "path:s configs:b=CONFIG?*+(name:s value:s) args:s=ARGS?*",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    super::load::refuse(cx)
}
