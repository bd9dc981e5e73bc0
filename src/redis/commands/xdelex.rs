//! XDELEX key [KEEPREF | DELREF | ACKED] IDS numids id [...]

use super::prelude::*;
use super::stream;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "xdelex",
    arity: -5,
    flags: flag::WRITE | flag::FAST,
    acl: acl::WRITE | acl::STREAM | acl::FAST,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RW | key::DELETE, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Deletes one or multiple entries from the stream.",
        since: "8.2.0",
        group: "stream",
        complexity: "O(1) for each single item to delete in the stream, regardless of the stream size.",
        args: "key:k@0 condition:o?(keepref:t=KEEPREF delref:t=DELREF acked:t=ACKED) ids:b=IDS(numids:i id:s*)",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let key = cx.arg(1);
    cx.s.stream_mut(cx.db, key)?;
    let (words, references) = stream::ids_and_references(cx, 2)?;
    let Some(stream) = stream::peek(cx.s, cx.db, key) else {
        cx.out.array(words.len());
        for _ in words {
            cx.out.int(stream::NOT_THERE);
        }
        return Ok(());
    };
    let ids = stream::ids(words)?;
    cx.out.array(ids.len());
    let mut deleted = 0;
    for id in ids {
        let (answer, gone) = stream::delete_one(stream, id, references);
        cx.out.int(answer);
        deleted += u64::from(gone);
    }
    if deleted > 0 {
        cx.changed(notify::STREAM, "xdel", key, deleted);
    }
    Ok(())
}
