//! LSET key index element

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "lset",
    arity: 4,
    flags: flag::WRITE | flag::DENYOOM,
    acl: acl::WRITE | acl::LIST | acl::SLOW,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RW | key::UPDATE, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Sets the value of an element in a list by its index.",
        since: "1.0.0",
        group: "list",
        complexity: "O(N) where N is the length of the list. Setting either the first or the last element of the list is O(1).",
        args: "key:k@0 index:i element:s",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let (key, value) = (cx.arg(1), cx.arg(3));
    let fill = cx.s.hot.fill;
    let Some(list) = cx.s.list_mut(cx.db, key)? else { return Err(err::NO_KEY.into()) };
    // Only 32 bits of the index count.
    let index = i64::from(resp::parse_i64(cx.argv[2]).ok_or(Fail::from(err::NOT_INT))? as i32);
    list.will_grow(fill, &[value]);
    if !list.set(index, value, fill) {
        return Err(err::INDEX.into());
    }
    list.did_change(fill);
    list.did_shrink(fill);
    cx.changed(notify::LIST, "lset", key, 1);
    cx.out.ok();
    Ok(())
}
