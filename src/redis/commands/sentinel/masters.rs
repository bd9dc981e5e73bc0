//! SENTINEL MASTERS

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "sentinel|masters",
    arity: 2,
    flags: flag::ADMIN | flag::SENTINEL | flag::ONLY_SENTINEL,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Returns a list of monitored Redis masters.",
        since: "2.8.4",
        group: "sentinel",
        complexity: "O(N) where N is the number of masters",
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
        let all: Vec<_> = watch.me.masters.values().copied().collect();
        watch.reply_instances(&all, out);
        Ok(())
    })
}
