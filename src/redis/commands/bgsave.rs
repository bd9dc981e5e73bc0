//! BGSAVE [SCHEDULE]

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "bgsave",
    arity: -1,
    flags: flag::ADMIN | flag::NOSCRIPT | flag::NO_ASYNC_LOADING,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Asynchronously saves the database(s) to disk.",
        since: "1.0.0",
        group: "server",
        complexity: "O(1)",
        args: "schedule:t=SCHEDULE?^3.2.2",
        history: &[("3.2.2", "Added the `SCHEDULE` option.")],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    if cx.argc() > 2 || (cx.argc() == 2 && !cx.is(1, "SCHEDULE")) {
        return Err(err::SYNTAX.into());
    }
    if cx.s.child_saves() {
        return Err("ERR Background save already in progress".into());
    }
    if cx.s.persist.child.is_some() || cx.s.in_exec {
        if cx.argc() == 1 && !cx.s.in_exec {
            return Err("ERR Another child process is active (AOF?): can't BGSAVE right now. Use BGSAVE SCHEDULE in order to schedule a BGSAVE whenever possible.".into());
        }
        cx.s.persist.scheduled = true;
        cx.out.simple("Background saving scheduled");
        return Ok(());
    }
    cx.s.background_save();
    cx.out.simple("Background saving started");
    Ok(())
}
