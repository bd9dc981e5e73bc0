//! ACL LIST

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "acl|list",
    arity: 2,
    flags: flag::ADMIN | flag::NOSCRIPT | flag::LOADING | flag::STALE | flag::SENTINEL,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Dumps the effective rules in ACL file format.",
        since: "6.0.0",
        group: "server",
        complexity: "O(N). Where N is the number of configured users.",
        args: "",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let lines = cx.s.user_lines();
    cx.out.array(lines.len());
    for line in lines {
        cx.out.bulk(&line);
    }
    Ok(())
}
