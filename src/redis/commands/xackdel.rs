//! XACKDEL key group [KEEPREF | DELREF | ACKED] IDS numids id [...]

use super::prelude::*;
use super::stream;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "xackdel",
    arity: -6,
    flags: flag::WRITE | flag::FAST,
    acl: acl::WRITE | acl::STREAM | acl::FAST,
    first: (1, 1, 1),
    keys: &[KeySpec {
        begin: Begin::Index(1),
        find: Find::Range(0, 1, 0),
        flags: key::RW | key::UPDATE | key::DELETE,
        notes: "",
    }],
    tips: &[],
    docs: Docs {
        summary: "Acknowledges and deletes one or multiple messages for a stream consumer group.",
        since: "8.2.0",
        group: "stream",
        complexity: "O(1) for each message ID processed.",
        args: "key:k@0 group:s condition:o?(keepref:t=KEEPREF delref:t=DELREF acked:t=ACKED) ids:b=IDS(numids:i id:s*)",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let (key, name) = (cx.arg(1), cx.arg(2));
    cx.s.stream(cx.db, key)?;
    let (words, references) = stream::ids_and_references(cx, 3)?;
    let Some(stream) = stream::peek(cx.s, cx.db, key).filter(|s| s.groups.contains_key(name)) else {
        cx.out.array(words.len());
        for _ in words {
            cx.out.int(stream::NOT_THERE);
        }
        return Ok(());
    };
    let ids = stream::ids(words)?;
    cx.out.array(ids.len());
    let (mut acknowledged, mut deleted) = (0, false);
    for id in ids {
        let had = stream.groups.get_mut(name).and_then(|group| group.release(id));
        if had.is_none() {
            cx.out.int(stream::NOT_THERE);
            continue;
        }
        acknowledged += 1;
        let (answer, gone) = stream::delete_one(stream, id, references);
        // An entry that somebody had and that was deleted before counts as deleted now.
        cx.out.int(answer.abs());
        deleted |= gone;
    }
    cx.s.dirty += acknowledged;
    if acknowledged > 0 {
        cx.s.note_changed(cx.db, key);
    }
    if deleted {
        cx.changed(notify::STREAM, "xdel", key, 0);
    }
    Ok(())
}
