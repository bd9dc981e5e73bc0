//! WAITAOF numlocal numreplicas timeout

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "waitaof",
    arity: 4,
    flags: flag::BLOCKING,
    acl: acl::SLOW | acl::BLOCKING | acl::CONNECTION,
    first: (0, 0, 0),
    keys: &[],
    tips: &["request_policy:all_shards", "response_policy:agg_min"],
    docs: Docs {
        summary: "Blocks until all of the preceding write commands sent by the connection are written to the append-only file of the master and/or replicas.",
        since: "7.2.0",
        group: "generic",
        complexity: "O(1)",
        args: "numlocal:i numreplicas:i timeout:i",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let (local, count) = (cx.int(1)?, cx.int(2)?);
    if !(0..=1).contains(&local) || count < 0 {
        return Err("ERR value is out of range, must be positive".into());
    }
    let until = cx.timeout_ms(3)?;
    if cx.s.repl.is_replica() {
        return Err("ERR WAITAOF cannot be used with replica instances. Please also note that writes to replicas are just local and are not propagated.".into());
    }
    if local == 1 && !cx.s.persist.aof_on() {
        return Err(crate::replication::NOT_APPENDING.into());
    }
    crate::replication::wait(cx, count, until, Some(local == 1))
}
