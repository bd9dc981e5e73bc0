//! LINSERT key <BEFORE | AFTER> pivot element

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "linsert",
    arity: 5,
    flags: flag::WRITE | flag::DENYOOM,
    acl: acl::WRITE | acl::LIST | acl::SLOW,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RW | key::INSERT, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Inserts an element before or after another element in a list.",
        since: "2.2.0",
        group: "list",
        complexity: "O(N) where N is the number of elements to traverse before seeing the value pivot. This means that inserting somewhere on the left end on the list (head) can be considered O(1) and inserting somewhere on the right end (tail) is O(N).",
        args: "key:k@0 where:o(before:t=BEFORE after:t=AFTER) pivot:s element:s",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let after = if cx.is(2, "AFTER") {
        true
    } else if cx.is(2, "BEFORE") {
        false
    } else {
        return Err(err::SYNTAX.into());
    };
    let (key, pivot, value) = (cx.arg(1), cx.arg(3), cx.arg(4));
    let fill = cx.s.hot.fill;
    let Some(list) = cx.s.list_mut(cx.db, key)? else {
        cx.out.int(0);
        return Ok(());
    };
    list.will_grow(fill, &[value]);
    if !list.insert(pivot, value, after, fill) {
        cx.out.int(-1);
        return Ok(());
    }
    list.did_change(fill);
    let len = list.len();
    cx.changed(notify::LIST, "linsert", key, 1);
    cx.out.len(len);
    Ok(())
}
