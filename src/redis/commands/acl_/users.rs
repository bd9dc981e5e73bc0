//! ACL USERS

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "acl|users",
    arity: 2,
    flags: flag::ADMIN | flag::NOSCRIPT | flag::LOADING | flag::STALE | flag::SENTINEL,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Lists all ACL users.",
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
    let names: Vec<Vec<u8>> = cx.s.acl.users().keys().map(|name| machine::text::to_bytes(name)).collect();
    cx.out.array(names.len());
    for name in names {
        cx.out.bulk(&name);
    }
    Ok(())
}
