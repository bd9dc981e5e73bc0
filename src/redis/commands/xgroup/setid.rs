//! XGROUP SETID key group <id | $> [ENTRIESREAD entries-read]

use super::super::prelude::*;
use crate::commands::stream;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "xgroup|setid",
    arity: -5,
    flags: flag::WRITE,
    acl: acl::WRITE | acl::STREAM | acl::SLOW,
    first: (2, 2, 1),
    keys: &[KeySpec { begin: Begin::Index(2), find: Find::Range(0, 1, 0), flags: key::RW | key::UPDATE, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Sets the last-delivered ID of a consumer group.",
        since: "5.0.0",
        group: "stream",
        complexity: "O(1)",
        args: "key:k@0 group:s id-selector:o(id:s new-id:t=$) entriesread:i=ENTRIESREAD?!entries-read",
        history: &[("7.0.0", "Added the optional `entries_read` argument.")],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let (_, read) = super::options(cx, false)?;
    super::existing_group(cx)?;
    if cx.argc() != 5 && cx.argc() != 7 {
        return Err(super::bad_syntax(cx));
    }
    let name = cx.arg(3);
    let Some(stream) = stream::peek(cx.s, cx.db, cx.arg(2)) else { return Ok(()) };
    let id = if cx.argv[4] == b"$" { stream.last_id } else { stream::bound(cx.argv[4], 0)? };
    let read = read.map(|n| n.min(stream.added as i64));
    if let Some(group) = stream.groups.get_mut(name) {
        group.last_id = id;
        group.entries_read = read;
    }
    cx.out.ok();
    super::tell(cx, "xgroup-setid");
    Ok(())
}
