//! PING [message]

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "ping",
    arity: -1,
    flags: flag::FAST | flag::SENTINEL,
    acl: acl::FAST | acl::CONNECTION,
    first: (0, 0, 0),
    keys: &[],
    tips: &["request_policy:all_shards", "response_policy:all_succeeded"],
    docs: Docs {
        summary: "Returns the server's liveliness response.",
        since: "1.0.0",
        group: "connection",
        complexity: "O(1)",
        args: "message:s?",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    if cx.argc() > 2 {
        return Err(crate::server::errors::arity("ping").into());
    }
    let restricted = cx.me().in_pubsub() && !cx.out.resp3;
    if restricted {
        cx.out.array(2);
        cx.out.text("pong");
        cx.out.bulk(cx.arg(1));
    } else if cx.argc() == 1 {
        cx.out.simple("PONG");
    } else {
        cx.out.bulk(cx.arg(1));
    }
    Ok(())
}
