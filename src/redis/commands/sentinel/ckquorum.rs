//! SENTINEL CKQUORUM name

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "sentinel|ckquorum",
    arity: 3,
    flags: flag::ADMIN | flag::SENTINEL | flag::ONLY_SENTINEL,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Checks for a Redis Sentinel quorum.",
        since: "2.8.4",
        group: "sentinel",
        complexity: "",
        args: "master-name:s",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    super::on_master(cx, |watch, master, _, out| match watch.check_quorum(master) {
        Ok(usable) => {
            out.simple(&format!("OK {usable} usable Sentinels. Quorum and failover authorization can be reached"));
            Ok(())
        }
        Err(text) => Err(text.into()),
    })
}
