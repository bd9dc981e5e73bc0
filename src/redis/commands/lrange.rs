//! LRANGE key start stop

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "lrange",
    arity: 4,
    flags: flag::READONLY,
    acl: acl::READ | acl::LIST | acl::SLOW,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RO | key::ACCESS, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Returns a range of elements from a list.",
        since: "1.0.0",
        group: "list",
        complexity: "O(S+N) where S is the distance of start offset from HEAD for small lists, from nearest end (HEAD or TAIL) for large lists; and N is the number of elements in the specified range.",
        args: "key:k@0 start:i stop:i",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let (start, end) = (cx.int(2)?, cx.int(3)?);
    let Some(list) = cx.s.list(cx.db, cx.arg(1))? else {
        cx.out.array(0);
        return Ok(());
    };
    let range = super::list::range(start, end, list.len());
    cx.out.array(range.len());
    // Not a loop: the iterator goes from node to node more cheaply by itself.
    list.iter_from(range.start).take(range.len()).for_each(|entry| entry.reply(cx.out));
    Ok(())
}
