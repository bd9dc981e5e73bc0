//! ACL LOAD

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "acl|load",
    arity: 2,
    flags: flag::ADMIN | flag::NOSCRIPT | flag::LOADING | flag::STALE | flag::SENTINEL,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Reloads the rules from the configured ACL file.",
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
    super::need_file(cx)?;
    match cx.s.load_acl_file(cx.client) {
        Ok(()) => cx.out.ok(),
        Err(errors) => return Err(format!("ERR {errors}").into()),
    }
    Ok(())
}
