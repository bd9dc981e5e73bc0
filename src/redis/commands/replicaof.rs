//! REPLICAOF <host port | NO ONE>

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "replicaof",
    arity: 3,
    flags: flag::ADMIN | flag::NOSCRIPT | flag::STALE | flag::NO_ASYNC_LOADING,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Configures a server as replica of another, or promotes it to a master.",
        since: "5.0.0",
        group: "server",
        complexity: "O(1)",
        args: "args:o(host-port:b(host:s port:i) no-one:b(no:t=NO one:t=ONE))",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

pub(super) fn run(cx: &mut Cx<'_>) -> Res {
    if cx.s.hot.cluster {
        return Err("ERR REPLICAOF not allowed in cluster mode.".into());
    }
    if cx.s.repl.failover.is_some() {
        return Err("ERR REPLICAOF not allowed while failing over.".into());
    }
    if cx.is(1, "no") && cx.is(2, "one") {
        let by = cx.s.describe_client(cx.client);
        cx.s.become_master(&by);
        cx.s.config.put(crate::config::REPLICAOF, crate::config::Setting::Text(String::new()));
        cx.out.ok();
        return Ok(());
    }
    let port = cx.int_or(2, "ERR Invalid master port")?;
    let Ok(port) = u16::try_from(port) else { return Err("ERR Invalid master port".into()) };
    let host = String::from_utf8_lossy(cx.arg(1)).into_owned();
    if cx.s.repl.master.as_ref() == Some(&(host.clone(), port)) {
        cx.s.notice("REPLICAOF would result into synchronization with the master we are already connected with. No operation performed.");
        cx.out.simple("OK Already connected to specified master");
        return Ok(());
    }
    cx.s.config.put(crate::config::REPLICAOF, crate::config::Setting::Text(format!("{host} {port}")));
    let by = cx.s.describe_client(cx.client);
    cx.s.follow(&host, port);
    cx.s.notice(&format!("REPLICAOF {host}:{port} enabled (user request from '{by}')"));
    cx.out.ok();
    Ok(())
}
