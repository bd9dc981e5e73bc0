//! FLUSHDB [ASYNC | SYNC]

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "flushdb",
    arity: -1,
    flags: flag::WRITE,
    acl: acl::KEYSPACE | acl::WRITE | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &["request_policy:all_shards", "response_policy:all_succeeded"],
    docs: Docs {
        summary: "Remove all keys from the current database.",
        since: "1.0.0",
        group: "server",
        complexity: "O(N) where N is the number of keys in the selected database",
        args: "flush-type:o?(async:t=ASYNC^4.0.0 sync:t=SYNC^6.2.0)",
        history: &[
            ("4.0.0", "Added the `ASYNC` flushing mode modifier."),
            ("6.2.0", "Added the `SYNC` flushing mode modifier."),
        ],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    super::connection::check_flush(cx)?;
    super::connection::cancel_migrations(cx);
    let before = cx.s.count.keys_flushed;
    cx.s.flush(&[cx.db]);
    super::connection::count_lazy_flush(cx, before);
    cx.out.ok();
    Ok(())
}
