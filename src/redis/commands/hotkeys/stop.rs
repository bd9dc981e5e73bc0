//! HOTKEYS STOP

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "hotkeys|stop",
    arity: 2,
    flags: flag::ADMIN | flag::NOSCRIPT,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &["request_policy:special"],
    docs: Docs {
        summary: "Stops hotkeys tracking.",
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
    let now = cx.s.now_ms;
    match cx.s.hotkeys.as_mut().filter(|h| h.active) {
        Some(hotkeys) => {
            hotkeys.stop(now);
            cx.out.ok();
        }
        None => cx.out.null(),
    }
    Ok(())
}
