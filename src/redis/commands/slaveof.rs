//! SLAVEOF <host port | NO ONE>

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "slaveof",
    arity: 3,
    flags: flag::ADMIN | flag::NOSCRIPT | flag::STALE | flag::NO_ASYNC_LOADING,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Sets a Redis server as a replica of another, or promotes it to being a master.",
        since: "1.0.0",
        group: "server",
        complexity: "O(1)",
        args: "args:o(host-port:b(host:s port:i) no-one:b(no:t=NO one:t=ONE))",
        history: &[],
        deprecated: Some(("5.0.0", "`REPLICAOF`")),
        flags: &["deprecated"],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    super::replicaof::run(cx)
}
