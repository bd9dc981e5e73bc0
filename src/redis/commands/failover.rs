//! FAILOVER [TO host port [FORCE]] [ABORT] [TIMEOUT milliseconds]

use super::prelude::*;
use crate::replication::failover::Plan;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "failover",
    arity: -1,
    flags: flag::ADMIN | flag::NOSCRIPT | flag::STALE,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Starts a coordinated failover from a server to one of its replicas.",
        since: "6.2.0",
        group: "server",
        complexity: "O(1)",
        args: "target:b=TO?(host:s port:i force:t=FORCE?) abort:t=ABORT? milliseconds:i=TIMEOUT?",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    if cx.s.hot.cluster {
        return Err("ERR FAILOVER not allowed in cluster mode. Use CLUSTER FAILOVER command instead.".into());
    }
    if cx.argc() == 2 && cx.is(1, "ABORT") {
        if !cx.s.abort_failover("Failover manually aborted") {
            return Err("ERR No failover in progress.".into());
        }
        cx.out.ok();
        return Ok(());
    }
    let (mut target, mut timeout, mut force, mut at) = (None, 0, false, 1);
    while at < cx.argc() {
        if cx.is(at, "TIMEOUT") && at + 1 < cx.argc() && timeout == 0 {
            timeout = cx.int(at + 1)?;
            if timeout <= 0 {
                return Err("ERR FAILOVER timeout must be greater than 0".into());
            }
            at += 1;
        } else if cx.is(at, "TO") && at + 2 < cx.argc() && target.is_none() {
            let port = cx.int(at + 2)?;
            target = Some((String::from_utf8_lossy(cx.arg(at + 1)).into_owned(), port));
            at += 2;
        } else if cx.is(at, "FORCE") && !force {
            force = true;
        } else {
            return Err(err::SYNTAX.into());
        }
        at += 1;
    }
    if cx.s.repl.failover.is_some() {
        return Err("ERR FAILOVER already in progress.".into());
    }
    if cx.s.repl.is_replica() {
        return Err("ERR FAILOVER is not valid when server is a replica.".into());
    }
    if cx.s.repl.replicas.is_empty() {
        return Err("ERR FAILOVER requires connected replicas.".into());
    }
    if force && (timeout == 0 || target.is_none()) {
        return Err("ERR FAILOVER with force option requires both a timeout and target HOST and IP.".into());
    }
    match target.as_ref().map(|target| cx.s.replica_online(target)) {
        Some(None) => return Err("ERR FAILOVER target HOST and PORT is not a replica.".into()),
        Some(Some(false)) => return Err("ERR FAILOVER target replica is not online.".into()),
        _ => {}
    }
    let until = if timeout > 0 { cx.s.now_ms.saturating_add(timeout) } else { i64::MAX };
    cx.s.begin_failover(Plan { target, until, force, in_progress: false });
    cx.out.ok();
    Ok(())
}
