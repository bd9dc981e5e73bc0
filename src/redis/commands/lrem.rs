//! LREM key count element

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "lrem",
    arity: 4,
    flags: flag::WRITE,
    acl: acl::WRITE | acl::LIST | acl::SLOW,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RW | key::DELETE, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Removes elements from a list. Deletes the list if the last element was removed.",
        since: "1.0.0",
        group: "list",
        complexity: "O(N+M) where N is the length of the list and M is the number of elements removed.",
        args: "key:k@0 count:i element:s",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let (key, count, value) = (cx.arg(1), super::set_ops::symmetric(cx, 2)?, cx.arg(3));
    let fill = cx.s.hot.fill;
    let Some(list) = cx.s.list_mut(cx.db, key)? else {
        cx.out.int(0);
        return Ok(());
    };
    let most = if count == 0 { usize::MAX } else { count.unsigned_abs() as usize };
    let removed = list.remove(value, most, count < 0);
    list.did_shrink(fill);
    if removed > 0 {
        cx.changed(notify::LIST, "lrem", key, removed as u64);
        cx.s.delete_if_empty(cx.db, key);
    }
    cx.out.len(removed);
    Ok(())
}
