//! XSETID key last-id [ENTRIESADDED entries-added] [MAXDELETEDID max-deleted-id]

use super::prelude::*;
use super::stream;
use crate::data::stream::StreamId;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "xsetid",
    arity: -3,
    flags: flag::WRITE | flag::DENYOOM | flag::FAST,
    acl: acl::WRITE | acl::STREAM | acl::FAST,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RW | key::UPDATE, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "An internal command for replicating stream values.",
        since: "5.0.0",
        group: "stream",
        complexity: "O(1)",
        args: "key:k@0 last-id:s entries-added:i=ENTRIESADDED?^7.0.0 max-deleted-id:s=MAXDELETEDID?^7.0.0",
        history: &[("7.0.0", "Added the `entries_added` and `max_deleted_entry_id` arguments.")],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let id = stream::id(cx.arg(2), 0)?;
    let (mut added, mut deleted, mut at) = (None, StreamId::MIN, 3);
    while at < cx.argc() {
        let more = at + 1 < cx.argc();
        if cx.is(at, "ENTRIESADDED") && more {
            let n = u64::try_from(cx.int(at + 1)?).map_err(|_| Fail::from("ERR entries_added must be positive"))?;
            added = Some(n);
        } else if cx.is(at, "MAXDELETEDID") && more {
            deleted = stream::id(cx.arg(at + 1), 0)?;
            if id < deleted {
                return Err("ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id".into());
            }
        } else {
            return Err(err::SYNTAX.into());
        }
        at += 2;
    }
    let key = cx.arg(1);
    let Some(stream) = cx.s.stream_mut(cx.db, key)? else { return Err(err::NO_KEY.into()) };
    if id < stream.max_deleted {
        return Err("ERR The ID specified in XSETID is smaller than current max_deleted_entry_id".into());
    }
    if stream.last_entry().is_some_and(|last| id < last) {
        return Err("ERR The ID specified in XSETID is smaller than the target stream top item".into());
    }
    if !stream.is_empty() && added.is_some_and(|added| added < stream.len()) {
        return Err("ERR The entries_added specified in XSETID is smaller than the target stream length".into());
    }
    stream.last_id = id;
    if let Some(added) = added {
        stream.added = added;
    }
    if !deleted.is_zero() {
        stream.max_deleted = deleted;
    }
    cx.out.ok();
    cx.s.dirty += 1;
    cx.s.notify(notify::STREAM, "xsetid", key, cx.db);
    Ok(())
}
