//! PSUBSCRIBE pattern [...]

use super::prelude::*;
use crate::server::pubsub::Scope;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "psubscribe",
    arity: -2,
    flags: flag::DENYOOM | flag::PUBSUB | flag::NOSCRIPT | flag::LOADING | flag::STALE | flag::SENTINEL,
    acl: acl::PUBSUB | acl::SLOW,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Listens for messages published to channels that match one or more patterns.",
        since: "2.0.0",
        group: "pubsub",
        complexity: "O(N) where N is the number of patterns to subscribe to.",
        args: "pattern:p*",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    super::connection::subscribe(cx, Scope::Pattern)
}
