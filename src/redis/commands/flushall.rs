//! FLUSHALL [ASYNC | SYNC]

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "flushall",
    arity: -1,
    flags: flag::WRITE,
    acl: acl::KEYSPACE | acl::WRITE | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &["request_policy:all_shards", "response_policy:all_succeeded"],
    docs: Docs {
        summary: "Removes all keys from all databases.",
        since: "1.0.0",
        group: "server",
        complexity: "O(N) where N is the total number of keys in all databases",
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
    let all: Vec<usize> = (0..cx.s.dbs.len()).collect();
    let before = cx.s.count.keys_flushed;
    cx.s.flush(&all);
    cx.s.after_flushall();
    super::connection::count_lazy_flush(cx, before);
    cx.out.ok();
    Ok(())
}
