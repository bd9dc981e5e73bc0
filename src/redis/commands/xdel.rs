//! XDEL key id [...]

use super::prelude::*;
use super::stream;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "xdel",
    arity: -3,
    flags: flag::WRITE | flag::FAST,
    acl: acl::WRITE | acl::STREAM | acl::FAST,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RW | key::DELETE, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Returns the number of messages after removing them from a stream.",
        since: "5.0.0",
        group: "stream",
        complexity: "O(1) for each single item to delete in the stream, regardless of the stream size.",
        args: "key:k@0 id:s*",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let key = cx.arg(1);
    if cx.s.stream_mut(cx.db, key)?.is_none() {
        cx.out.int(0);
        return Ok(());
    }
    let ids = stream::ids(&cx.argv[2..])?;
    let Some(stream) = stream::peek(cx.s, cx.db, key) else { return Ok(()) };
    let deleted = ids.iter().filter(|id| stream.delete(**id)).count();
    if deleted > 0 {
        cx.changed(notify::STREAM, "xdel", key, deleted as u64);
    }
    cx.out.len(deleted);
    Ok(())
}
