//! ACL SETUSER username [rule [...]]

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "acl|setuser",
    arity: -3,
    flags: flag::ADMIN | flag::NOSCRIPT | flag::LOADING | flag::STALE | flag::SENTINEL,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &["request_policy:all_nodes", "response_policy:all_succeeded"],
    docs: Docs {
        summary: "Creates and modifies an ACL user and its rules.",
        since: "6.0.0",
        group: "server",
        complexity: "O(N). Where N is the number of rules provided.",
        args: "username:s rule:s?*",
        history: &[
            ("6.2.0", "Added Pub/Sub channel patterns."),
            ("7.0.0", "Added selectors and key based permissions."),
        ],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    cx.redact(2..cx.argc());
    let name = cx.arg(2);
    if name.iter().any(|c| matches!(c, b' ' | 9..=13 | 0)) {
        return Err("ERR Usernames can't contain spaces or null characters".into());
    }
    match cx.s.set_user(cx.client, &machine::text::from_bytes(name), &cx.argv[3..]) {
        Ok(()) => cx.out.ok(),
        Err(text) => return Err(Fail::Bytes([b"ERR ", text.as_slice()].concat())),
    }
    Ok(())
}
