//! XINFO GROUPS key

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "xinfo|groups",
    arity: 3,
    flags: flag::READONLY,
    acl: acl::READ | acl::STREAM | acl::SLOW,
    first: (2, 2, 1),
    keys: &[KeySpec { begin: Begin::Index(2), find: Find::Range(0, 1, 0), flags: key::RO | key::ACCESS, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Returns a list of the consumer groups of a stream.",
        since: "5.0.0",
        group: "stream",
        complexity: "O(1)",
        args: "key:k@0",
        history: &[("7.0.0", "Added the `entries-read` and `lag` fields")],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let Some(stream) = cx.s.stream(cx.db, cx.arg(2))? else { return Err(err::NO_KEY.into()) };
    cx.out.array(stream.groups.len());
    for (name, group) in &stream.groups {
        cx.out.map(6);
        cx.out.text("name");
        cx.out.bulk(name);
        super::number(cx.out, "consumers", Some(group.consumers_len() as i64));
        super::number(cx.out, "pending", Some(group.pending_len() as i64));
        super::id(cx.out, "last-delivered-id", group.last_id);
        super::number(cx.out, "entries-read", group.entries_read);
        super::number(cx.out, "lag", stream.lag(group));
    }
    Ok(())
}
