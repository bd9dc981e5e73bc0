//! SENTINEL PENDING-SCRIPTS

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "sentinel|pending-scripts",
    arity: 2,
    flags: flag::ADMIN | flag::SENTINEL | flag::ONLY_SENTINEL,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Returns information about pending scripts for Redis Sentinel.",
        since: "2.8.4",
        group: "sentinel",
        complexity: "",
        args: "",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    super::work(cx, |watch, _, out| {
        watch.reply_scripts(out);
        Ok(())
    })
}
