//! XACK key group id [...]

use super::prelude::*;
use super::stream;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "xack",
    arity: -4,
    flags: flag::WRITE | flag::FAST,
    acl: acl::WRITE | acl::STREAM | acl::FAST,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RW | key::UPDATE, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Returns the number of messages that were successfully acknowledged by the consumer group member of a stream.",
        since: "5.0.0",
        group: "stream",
        complexity: "O(1) for each message ID processed.",
        args: "key:k@0 group:s id:s*",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let (key, name) = (cx.arg(1), cx.arg(2));
    if cx.s.stream(cx.db, key)?.is_none_or(|stream| !stream.groups.contains_key(name)) {
        cx.out.int(0);
        return Ok(());
    }
    let ids = stream::ids(&cx.argv[3..])?;
    let Some(group) = stream::peek(cx.s, cx.db, key).and_then(|s| s.groups.get_mut(name)) else { return Ok(()) };
    let acknowledged = ids.iter().filter(|id| group.release(**id).is_some()).count();
    cx.s.dirty += acknowledged as u64;
    cx.out.len(acknowledged);
    Ok(())
}
