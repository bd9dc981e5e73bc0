//! REPLCONF

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "replconf",
    arity: -1,
    flags: flag::ADMIN | flag::NOSCRIPT | flag::LOADING | flag::STALE | flag::ALLOW_BUSY,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "An internal command for configuring the replication stream.",
        since: "3.0.0",
        group: "server",
        complexity: "O(1)",
        args: "",
        history: &[],
        deprecated: None,
        flags: &["syscmd"],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    cx.s.replconf(cx.client, cx.argv, cx.out).map_err(Fail::from)
}
