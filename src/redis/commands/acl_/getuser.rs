//! ACL GETUSER username

use super::super::prelude::*;
use crate::acl::Selector;
use resp::Reply;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "acl|getuser",
    arity: 3,
    flags: flag::ADMIN | flag::NOSCRIPT | flag::LOADING | flag::STALE | flag::SENTINEL,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Lists the ACL rules of a user.",
        since: "6.0.0",
        group: "server",
        complexity: "O(N). Where N is the number of password, command and pattern rules that the user has.",
        args: "username:s",
        history: &[
            ("6.2.0", "Added Pub/Sub channel patterns."),
            (
                "7.0.0",
                "Added selectors and changed the format of key and channel patterns from a list to their rule representation.",
            ),
        ],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    cx.redact(2..3);
    let Some(user) = cx.s.acl.user(&machine::text::from_bytes(cx.arg(2))).cloned() else {
        cx.out.null();
        return Ok(());
    };
    cx.out.map(6);
    cx.out.text("flags");
    let flags = user.flags();
    cx.out.set(flags.len());
    for flag in flags {
        cx.out.text(flag);
    }
    cx.out.text("passwords");
    cx.out.array(user.passwords.len());
    for password in &user.passwords {
        cx.out.text(password);
    }
    describe(&user.root, cx.out);
    cx.out.text("selectors");
    cx.out.array(user.selectors.len());
    for selector in &user.selectors {
        cx.out.map(3);
        describe(selector, cx.out);
    }
    Ok(())
}

fn describe(selector: &Selector, out: &mut Reply) {
    out.text("commands");
    out.text(&selector.describe_commands());
    out.text("keys");
    out.bulk(&selector.describe_keys());
    out.text("channels");
    out.bulk(&selector.describe_channels());
}
