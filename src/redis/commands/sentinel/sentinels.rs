//! SENTINEL SENTINELS name

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "sentinel|sentinels",
    arity: 3,
    flags: flag::ADMIN | flag::SENTINEL | flag::ONLY_SENTINEL,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Returns a list of Sentinel instances.",
        since: "2.8.4",
        group: "sentinel",
        complexity: "O(N) where N is the number of Sentinels",
        args: "master-name:s",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    super::on_master(cx, |watch, master, _, out| {
        let all: Vec<_> = watch.me.at(master).sentinels.values().copied().collect();
        watch.reply_instances(&all, out);
        Ok(())
    })
}
