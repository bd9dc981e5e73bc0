//! ACL SAVE

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "acl|save",
    arity: 2,
    flags: flag::ADMIN | flag::NOSCRIPT | flag::LOADING | flag::STALE | flag::SENTINEL,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &["request_policy:all_nodes", "response_policy:all_succeeded"],
    docs: Docs {
        summary: "Saves the effective ACL rules in the configured ACL file.",
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
    if !cx.s.save_acl_file() {
        return Err(
            "ERR There was an error trying to save the ACLs. Please check the server logs for more information".into(),
        );
    }
    cx.out.ok();
    Ok(())
}
