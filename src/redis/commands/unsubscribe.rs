//! UNSUBSCRIBE [channel [...]]

use super::prelude::*;
use crate::server::pubsub::Scope;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "unsubscribe",
    arity: -1,
    flags: flag::PUBSUB | flag::NOSCRIPT | flag::LOADING | flag::STALE | flag::SENTINEL,
    acl: acl::PUBSUB | acl::SLOW,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Stops listening to messages posted to channels.",
        since: "2.0.0",
        group: "pubsub",
        complexity: "O(N) where N is the number of channels to unsubscribe.",
        args: "channel:s?*",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    super::connection::unsubscribe(cx, Scope::Channel)
}
