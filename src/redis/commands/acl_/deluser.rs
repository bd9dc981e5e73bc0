//! ACL DELUSER username [...]

use super::super::prelude::*;
use crate::acl::DEFAULT;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "acl|deluser",
    arity: -3,
    flags: flag::ADMIN | flag::NOSCRIPT | flag::LOADING | flag::STALE | flag::SENTINEL,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &["request_policy:all_nodes", "response_policy:all_succeeded"],
    docs: Docs {
        summary: "Deletes ACL users, and terminates their connections.",
        since: "6.0.0",
        group: "server",
        complexity: "O(1) amortized time considering the typical user.",
        args: "username:s*",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    cx.redact(2..cx.argc());
    if cx.argv[2..].iter().any(|name| *name == DEFAULT.as_bytes()) {
        return Err("ERR The 'default' user cannot be removed".into());
    }
    let mut gone = 0;
    for name in &cx.argv[2..] {
        gone += usize::from(cx.s.delete_user(cx.client, &machine::text::from_bytes(name)));
    }
    cx.out.len(gone);
    Ok(())
}
