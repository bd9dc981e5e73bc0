//! ZREM key member [...]

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "zrem",
    arity: -3,
    flags: flag::WRITE | flag::FAST,
    acl: acl::WRITE | acl::SORTEDSET | acl::FAST,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RW | key::DELETE, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Removes one or more members from a sorted set. Deletes the sorted set if all members were removed.",
        since: "1.2.0",
        group: "sorted-set",
        complexity: "O(M*log(N)) with N being the number of elements in the sorted set and M the number of elements to be removed.",
        args: "key:k@0 member:s*",
        history: &[("2.4.0", "Accepts multiple elements.")],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let key = cx.arg(1);
    let members = &cx.argv[2..];
    let Some(zset) = cx.s.zset_mut(cx.db, key)? else {
        cx.out.int(0);
        return Ok(());
    };
    let removed = members.iter().filter(|m| zset.remove(m)).count();
    if removed > 0 {
        cx.changed(notify::ZSET, "zrem", key, removed as u64);
        cx.s.delete_if_empty(cx.db, key);
    }
    cx.out.len(removed);
    Ok(())
}
