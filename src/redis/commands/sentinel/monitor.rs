//! SENTINEL MONITOR name ip port quorum

use super::super::prelude::*;
use crate::server::client::BlockedOn;
use machine::text::from_bytes;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "sentinel|monitor",
    arity: 6,
    flags: flag::ADMIN | flag::SENTINEL | flag::ONLY_SENTINEL,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Starts monitoring.",
        since: "2.8.4",
        group: "sentinel",
        complexity: "O(1)",
        args: "name:s ip:s port:i quorum:i",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let quorum = cx.int_or(5, "ERR Invalid quorum")?;
    let port = cx.int_or(4, "ERR Invalid port")?;
    if quorum <= 0 {
        return Err("ERR Quorum must be 1 or greater.".into());
    }
    if cx.s.sentinel_waits_for(&from_bytes(cx.arg(3))) {
        cx.s.block(cx.client, BlockedOn::Pause, 0, cx.argv);
        return Ok(());
    }
    super::work(cx, |watch, words, out| {
        let word = |n: usize| words.get(n).copied().unwrap_or_default();
        watch.monitor(word(2), word(3), port, quorum, out)
    })
}
