//! SENTINEL MASTER name

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "sentinel|master",
    arity: 3,
    flags: flag::ADMIN | flag::SENTINEL | flag::ONLY_SENTINEL,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Returns the state of a master Redis instance.",
        since: "2.8.4",
        group: "sentinel",
        complexity: "O(1)",
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
        watch.reply_instance(master, out);
        Ok(())
    })
}
