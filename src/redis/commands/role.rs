//! ROLE

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "role",
    arity: 1,
    flags: flag::NOSCRIPT | flag::LOADING | flag::STALE | flag::FAST | flag::SENTINEL,
    acl: acl::ADMIN | acl::FAST | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Returns the replication role.",
        since: "2.8.12",
        group: "server",
        complexity: "O(1)",
        args: "",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    if cx.s.sentinel_mode {
        return crate::sentinel::role(cx);
    }
    cx.s.reply_role(cx.out);
    Ok(())
}
