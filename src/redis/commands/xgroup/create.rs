//! XGROUP CREATE key group <id | $> [MKSTREAM] [ENTRIESREAD entries-read]

use super::super::prelude::*;
use crate::commands::stream;
use crate::data::stream::{Group, StreamId};

/// The command's description.
pub static COMMAND: Command = Command {
    name: "xgroup|create",
    arity: -5,
    flags: flag::WRITE | flag::DENYOOM,
    acl: acl::WRITE | acl::STREAM | acl::SLOW,
    first: (2, 2, 1),
    keys: &[KeySpec { begin: Begin::Index(2), find: Find::Range(0, 1, 0), flags: key::RW | key::INSERT, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Creates a consumer group.",
        since: "5.0.0",
        group: "stream",
        complexity: "O(1)",
        args: "key:k@0 group:s id-selector:o(id:s new-id:t=$) mkstream:t=MKSTREAM? entriesread:i=ENTRIESREAD?!entries-read",
        history: &[("7.0.0", "Added the `entries_read` named argument.")],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let (make, read) = super::options(cx, true)?;
    let (key, name) = (cx.arg(2), cx.arg(3));
    let last = match cx.s.stream_mut(cx.db, key)? {
        Some(stream) => stream.last_id,
        None if make => StreamId::MIN,
        None => return super::existing(cx).map(|_| ()),
    };
    if cx.argc() > 8 {
        return Err(super::bad_syntax(cx));
    }
    let id = if cx.arg(4) == b"$" { last } else { stream::id(cx.arg(4), 0)? };
    if stream::peek(cx.s, cx.db, key).is_none() {
        stream::create(cx.s, cx.db, key);
        cx.s.key_modified(cx.db, key, cx.client);
    }
    let Some(stream) = stream::peek(cx.s, cx.db, key) else { return Ok(()) };
    if stream.groups.contains_key(name) {
        return Err("BUSYGROUP Consumer Group name already exists".into());
    }
    let read = read.map(|n| n.min(stream.added as i64));
    stream.groups.insert(name.to_vec(), Group::new(id, read));
    cx.out.ok();
    super::tell(cx, "xgroup-create");
    Ok(())
}
