//! LINDEX key index

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "lindex",
    arity: 3,
    flags: flag::READONLY,
    acl: acl::READ | acl::LIST | acl::SLOW,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RO | key::ACCESS, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Returns an element from a list by its index.",
        since: "1.0.0",
        group: "list",
        complexity: "O(N) where N is the number of elements to traverse to get to the element at index. This makes asking for the first or the last element of the list O(1).",
        args: "key:k@0 index:i",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let Some(list) = cx.s.list(cx.db, cx.arg(1))? else {
        cx.out.null();
        return Ok(());
    };
    let index = resp::parse_i64(cx.argv[2]).ok_or(Fail::from(err::NOT_INT))?;
    match list.get(index) {
        Some(entry) => entry.reply(cx.out),
        None => cx.out.null(),
    }
    Ok(())
}
