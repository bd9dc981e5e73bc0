//! ACL LOG [count | RESET]

use super::super::prelude::*;
use crate::acl::Entry;
use resp::Reply;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "acl|log",
    arity: -2,
    flags: flag::ADMIN | flag::NOSCRIPT | flag::LOADING | flag::STALE | flag::SENTINEL,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Lists recent security events generated due to ACL rules.",
        since: "6.0.0",
        group: "server",
        complexity: "O(N) with N being the number of entries shown.",
        args: "operation:o?(count:i reset:t=RESET)",
        history: &[("7.2.0", "Added entry ID, timestamp created, and timestamp last updated.")],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    if cx.argc() > 3 {
        return Err(Fail::Bytes(crate::server::errors::subcommand_syntax(cx.argv)));
    }
    if cx.argc() == 3 && cx.is(2, "RESET") {
        cx.s.acl.log.entries.clear();
        cx.out.ok();
        return Ok(());
    }
    let count = if cx.argc() == 3 { cx.int(2)?.max(0) as usize } else { 10 };
    let now = cx.s.now_ms;
    let entries = &cx.s.acl.log.entries;
    cx.out.array(count.min(entries.len()));
    for entry in entries.iter().take(count) {
        show(entry, now, cx.out);
    }
    Ok(())
}

fn show(entry: &Entry, now: i64, out: &mut Reply) {
    out.map(10);
    out.text("count");
    out.int(entry.count as i64);
    out.text("reason");
    out.text(entry.reason.name());
    out.text("context");
    out.text(entry.context.name());
    out.text("object");
    out.bulk(&entry.object);
    out.text("username");
    out.bulk(&machine::text::to_bytes(&entry.user));
    out.text("age-seconds");
    out.double((now - entry.updated) as f64 / 1000.0);
    out.text("client-info");
    out.text(&entry.client);
    out.text("entry-id");
    out.int(entry.id as i64);
    out.text("timestamp-created");
    out.int(entry.created);
    out.text("timestamp-last-updated");
    out.int(entry.updated);
}
