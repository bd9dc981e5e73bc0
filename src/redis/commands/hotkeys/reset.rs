//! HOTKEYS RESET

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "hotkeys|reset",
    arity: 2,
    flags: flag::ADMIN | flag::NOSCRIPT,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &["request_policy:special"],
    docs: Docs {
        summary: "Release the resources used for hotkey tracking.",
        since: "8.6.0",
        group: "server",
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
    if cx.s.hotkeys.as_ref().is_some_and(|h| h.active) {
        return Err("ERR hotkey tracking session in progress, stop tracking first".into());
    }
    cx.s.hotkeys = None;
    cx.out.ok();
    Ok(())
}
