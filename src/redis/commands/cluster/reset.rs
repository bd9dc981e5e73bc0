//! CLUSTER RESET [HARD | SOFT]

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "cluster|reset",
    arity: -2,
    flags: flag::ADMIN | flag::NOSCRIPT | flag::STALE,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Resets a node.",
        since: "3.0.0",
        group: "cluster",
        complexity: "O(N) where N is the number of known nodes. The command may execute a FLUSHALL as a side effect.",
        args: "reset-type:o?(hard:t=HARD soft:t=SOFT)",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let hard = match cx.argc() {
        2 => false,
        3 if cx.is(2, "HARD") => true,
        3 if cx.is(2, "SOFT") => false,
        _ => return Err(err::SYNTAX.into()),
    };
    let c = super::cluster(cx)?;
    if c.me().is_master() && !cx.s.dbs[0].is_empty() {
        return Err("ERR CLUSTER RESET can't be called with master nodes containing keys".into());
    }
    cx.s.cluster_reset(hard);
    cx.out.ok();
    Ok(())
}
