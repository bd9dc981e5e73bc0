//! XIDMPRECORD key pid iid stream-id

use super::prelude::*;
use super::stream;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "xidmprecord",
    arity: 5,
    flags: flag::WRITE | flag::DENYOOM | flag::FAST,
    acl: acl::WRITE | acl::STREAM | acl::FAST,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RW | key::UPDATE, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "An internal command for setting IDMP metadata on an existing stream message.",
        since: "8.6.2",
        group: "stream",
        complexity: "O(1)",
        args: "key:k@0 pid:s iid:s stream-id:s",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let id = stream::id(cx.arg(4), 0)?;
    let (key, producer, name) = (cx.arg(1), cx.arg(2), cx.arg(3));
    if producer.is_empty() {
        return Err("ERR producer ID must be non-empty".into());
    }
    if name.is_empty() {
        return Err("ERR idempotent ID must be non-empty".into());
    }
    let Some(stream) = cx.s.stream_mut(cx.db, key)? else { return Err(err::NO_KEY.into()) };
    if !stream.contains(id) {
        return Err("ERR No such message in stream".into());
    }
    match stream.producers.by_name.entry(producer.to_vec()).or_default().get(name) {
        Some(known) if known == id => {}
        Some(_) => return Err("ERR IID already exists for this producer with a different stream ID".into()),
        None => {
            stream.producers.insert(producer, name, id);
            if let Some(db) = cx.s.dbs.get_mut(cx.db) {
                db.remember_producers(key);
            }
            cx.s.dirty += 1;
        }
    }
    cx.out.ok();
    Ok(())
}
