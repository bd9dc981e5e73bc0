//! SENTINEL FAILOVER name

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "sentinel|failover",
    arity: 3,
    flags: flag::ADMIN | flag::SENTINEL | flag::ONLY_SENTINEL,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Forces a Redis Sentinel failover.",
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
    super::on_master(cx, |watch, master, _, out| {
        watch.fail_over_now(master)?;
        out.ok();
        Ok(())
    })
}
