//! LTRIM key start stop

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "ltrim",
    arity: 4,
    flags: flag::WRITE,
    acl: acl::WRITE | acl::LIST | acl::SLOW,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RW | key::DELETE, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Removes elements from both ends a list. Deletes the list if all elements were trimmed.",
        since: "1.0.0",
        group: "list",
        complexity: "O(N) where N is the number of elements to be removed by the operation.",
        args: "key:k@0 start:i stop:i",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let (key, start, end) = (cx.arg(1), cx.int(2)?, cx.int(3)?);
    let fill = cx.s.hot.fill;
    if let Some(list) = cx.s.list_mut(cx.db, key)? {
        let len = list.len();
        let range = super::list::range(start, end, len);
        list.remove_range(range.end.max(range.start), len);
        list.remove_range(0, if range.is_empty() { len } else { range.start });
        list.did_shrink(fill);
        let removed = (len - range.len()) as u64;
        cx.changed(notify::LIST, "ltrim", key, removed);
        cx.s.delete_if_empty(cx.db, key);
    }
    cx.out.ok();
    Ok(())
}
