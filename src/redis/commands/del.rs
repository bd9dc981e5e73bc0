//! DEL key [...]

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "del",
    arity: -2,
    flags: flag::WRITE,
    acl: acl::KEYSPACE | acl::WRITE | acl::SLOW,
    first: (1, -1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(-1, 1, 0), flags: key::RM | key::DELETE, notes: "" }],
    tips: &["request_policy:multi_shard", "response_policy:agg_sum"],
    docs: Docs {
        summary: "Deletes one or more keys.",
        since: "1.0.0",
        group: "generic",
        complexity: "O(N) where N is the number of keys that will be removed. When a key to remove holds a value other than a string, the individual complexity for this key is O(M) where M is the number of elements in the list, set, sorted set or hash. Removing a single key that holds a string value is O(1).",
        args: "key:k@0*",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

pub(super) fn run(cx: &mut Cx<'_>) -> Res {
    let lazy = cx.cmd.name == "unlink" || cx.s.config.bool(crate::config::LAZYFREE_LAZY_USER_DEL);
    let mut deleted = 0;
    for key in &cx.argv[1..] {
        if !cx.s.expire_if_needed(cx.db, key) && cx.s.delete_as(cx.db, key, lazy) {
            cx.changed(notify::GENERIC, "del", key, 1);
            deleted += 1;
        }
    }
    cx.out.int(deleted);
    Ok(())
}
