//! SREM key member [...]

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "srem",
    arity: -3,
    flags: flag::WRITE | flag::FAST,
    acl: acl::WRITE | acl::SET | acl::FAST,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RW | key::DELETE, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Removes one or more members from a set. Deletes the set if the last member was removed.",
        since: "1.0.0",
        group: "set",
        complexity: "O(N) where N is the number of members to be removed.",
        args: "key:k@0 member:s*",
        history: &[("2.4.0", "Accepts multiple `member` arguments.")],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let key = cx.arg(1);
    let members = &cx.argv[2..];
    let Some(set) = cx.s.set_mut(cx.db, key)? else {
        cx.out.int(0);
        return Ok(());
    };
    let removed = members.iter().filter(|m| set.remove(m)).count();
    if removed > 0 {
        cx.changed(notify::SET, "srem", key, removed as u64);
        cx.s.delete_if_empty(cx.db, key);
    }
    cx.out.len(removed);
    Ok(())
}
