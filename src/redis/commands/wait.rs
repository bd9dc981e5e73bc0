//! WAIT numreplicas timeout

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "wait",
    arity: 3,
    flags: flag::BLOCKING,
    acl: acl::SLOW | acl::BLOCKING | acl::CONNECTION,
    first: (0, 0, 0),
    keys: &[],
    tips: &["request_policy:all_shards", "response_policy:agg_min"],
    docs: Docs {
        summary: "Blocks until the asynchronous replication of all preceding write commands sent by the connection is completed.",
        since: "3.0.0",
        group: "generic",
        complexity: "O(1)",
        args: "numreplicas:i timeout:i",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    if cx.s.repl.is_replica() {
        return Err("ERR WAIT cannot be used with replica instances. Please also note that since Redis 4.0 if a replica is configured to be writable (which is not the default) writes to replicas are just local and are not propagated.".into());
    }
    let count = cx.int(1)?;
    let timeout = cx.int_or(2, "ERR timeout is not an integer or out of range")?;
    if timeout < 0 {
        return Err("ERR timeout is negative".into());
    }
    let until = if timeout == 0 { 0 } else { cx.s.now_ms.saturating_add(timeout) };
    crate::replication::wait(cx, count, until, None)
}
