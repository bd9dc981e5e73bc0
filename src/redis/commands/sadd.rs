//! SADD key member [...]

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "sadd",
    arity: -3,
    flags: flag::WRITE | flag::DENYOOM | flag::FAST,
    acl: acl::WRITE | acl::SET | acl::FAST,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RW | key::INSERT, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Adds one or more members to a set. Creates the key if it doesn't exist.",
        since: "1.0.0",
        group: "set",
        complexity: "O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.",
        args: "key:k@0 member:s*",
        history: &[("2.4.0", "Accepts multiple `member` arguments.")],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let (key, members) = (cx.arg(1), &cx.argv[2..]);
    let limits = cx.s.hot.set;
    if cx.s.set_mut(cx.db, key)?.is_none() {
        let set = crate::data::set::Set::for_member(members[0], members.len(), limits);
        cx.s.add_key(cx.db, key, Value::Set(set));
    }
    let Some(set) = cx.s.set_mut(cx.db, key)? else { return Ok(()) };
    let added = members.iter().filter(|m| set.insert(m, limits)).count();
    if added > 0 {
        cx.changed(notify::SET, "sadd", key, added as u64);
    }
    cx.out.len(added);
    Ok(())
}
