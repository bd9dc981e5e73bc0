//! CLIENT UNPAUSE

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "client|unpause",
    arity: 2,
    flags: flag::ADMIN | flag::NOSCRIPT | flag::LOADING | flag::STALE | flag::SENTINEL,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS | acl::CONNECTION,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Resumes processing commands from paused clients.",
        since: "6.2.0",
        group: "connection",
        complexity: "O(N) Where N is the number of paused clients",
        args: "",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    if !cx.s.unpause_but_for_handover()
        && let Some(pause) = &mut cx.s.pause
    {
        pause.0 = 0;
    }
    cx.out.ok();
    Ok(())
}
