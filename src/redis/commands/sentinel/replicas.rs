//! SENTINEL REPLICAS name

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "sentinel|replicas",
    arity: 3,
    flags: flag::ADMIN | flag::SENTINEL | flag::ONLY_SENTINEL,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Returns a list of the monitored Redis replicas.",
        since: "5.0.0",
        group: "sentinel",
        complexity: "O(N) where N is the number of replicas",
        args: "master-name:s",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

pub(super) fn run(cx: &mut Cx<'_>) -> Res {
    super::on_master(cx, |watch, master, _, out| {
        let all: Vec<_> = watch.me.at(master).replicas.values().copied().collect();
        watch.reply_instances(&all, out);
        Ok(())
    })
}
