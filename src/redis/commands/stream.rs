//! What the stream commands share.

use super::prelude::*;
use crate::data::stream::{Group, Item, References, Stream, StreamId};
use crate::server::Server;
use crate::server::client::Role;
use crate::server::errors::until_nul;

/// An id that makes no sense.
const BAD_ID: &str = "ERR Invalid stream ID specified as stream command argument";

/// An id; a missing number within the millisecond is `missing`.
pub fn id(text: &[u8], missing: u64) -> Result<StreamId, Fail> {
    match StreamId::parse(text, missing) {
        Some((ms, Some(seq))) => Ok(StreamId { ms, seq }),
        _ => Err(BAD_ID.into()),
    }
}

/// An id, or `-` or `+` for the smallest and the largest.
pub fn bound(text: &[u8], missing: u64) -> Result<StreamId, Fail> {
    match text {
        b"-" => Ok(StreamId::MIN),
        b"+" => Ok(StreamId::MAX),
        _ => id(text, missing),
    }
}

/// Where a range begins; `(` before the id excludes it.
pub fn range_start(text: &[u8]) -> Result<StreamId, Fail> {
    match text.strip_prefix(b"(").filter(|rest| !rest.is_empty()) {
        Some(rest) => id(rest, 0)?.next().ok_or("ERR invalid start ID for the interval".into()),
        None => bound(text, 0),
    }
}

/// Where a range ends; `(` before the id excludes it.
pub fn range_end(text: &[u8]) -> Result<StreamId, Fail> {
    match text.strip_prefix(b"(").filter(|rest| !rest.is_empty()) {
        Some(rest) => id(rest, u64::MAX)?.prev().ok_or("ERR invalid end ID for the interval".into()),
        None => bound(text, u64::MAX),
    }
}

/// Several ids.
pub fn ids(words: &[&[u8]]) -> Result<Vec<StreamId>, Fail> {
    words.iter().map(|word| id(word, 0)).collect()
}

/// Writes an id.
pub fn reply_id(out: &mut resp::Reply, id: StreamId) {
    out.bulk(&id.text());
}

/// Writes the fields and values of an entry.
pub fn reply_pairs(out: &mut resp::Reply, item: &Item<'_>) {
    out.array(item.fields() * 2);
    for (field, value) in item.pairs() {
        field.reply(out);
        value.reply(out);
    }
}

/// Writes an entry: its id, and its fields and values.
pub fn reply_entry(out: &mut resp::Reply, item: &Item<'_>) {
    out.array(2);
    reply_id(out, item.id);
    reply_pairs(out, item);
}

/// The error where key or group is missing.
pub fn no_group(key: &[u8], group: &[u8], end: &str) -> Fail {
    let (key, group) = (until_nul(key), until_nul(group));
    Fail::Bytes([b"NOGROUP No such key '", key, b"' or consumer group '", group, b"'", end.as_bytes()].concat())
}

/// The error where the group is missing.
pub fn no_such_group(key: &[u8], group: &[u8]) -> Fail {
    let (key, group) = (until_nul(key), until_nul(group));
    Fail::Bytes([b"NOGROUP No such consumer group '".as_slice(), group, b"' for key name '", key, b"'"].concat())
}

/// Whether the command comes from the master or from a file, which are believed.
pub fn obeys(cx: &Cx<'_>) -> bool {
    cx.s.loading || cx.s.repl.running_masters_command || cx.s.client(cx.client).role == Role::Master
}

/// The stream at a key that was looked up already.
pub fn peek<'a>(s: &'a mut Server, db: usize, key: &[u8]) -> Option<&'a mut Stream> {
    match s.peek_mut(db, key) {
        Some(Value::Stream(stream)) => Some(stream),
        _ => None,
    }
}

/// Makes an empty stream at a key that is not there.
pub fn create(s: &mut Server, db: usize, key: &[u8]) {
    let stream = Stream::new(s.hot.stream);
    s.add_key(db, key, Value::Stream(Box::new(stream)));
}

/// The number of a group's consumer, made if it is missing; whether it was made.
pub fn consumer_of(group: &mut Group, name: &[u8], now: i64) -> (u64, bool) {
    let (number, made) = group.consumer_or_new(name, now);
    if let Some(consumer) = group.consumer_mut(number) {
        consumer.seen = now;
    }
    (number, made)
}

/// Tells of a consumer that a command made in passing.
pub fn consumer_made(cx: &mut Cx<'_>, key: &[u8]) {
    cx.s.notify(notify::STREAM, "xgroup-createconsumer", key, cx.db);
    cx.s.dirty += 1;
}

/// The words that give a pending entry to its owner, whoever has it: what replicas and files get.
pub fn claim_words(key: &[u8], name: &[u8], group: &Group, last: StreamId, id: StreamId) -> Vec<Vec<u8>> {
    let Some(pending) = group.pending(id) else { return Vec::new() };
    let owner = group.consumer(pending.consumer).map(|c| c.name.clone()).unwrap_or_default();
    let (time, count) = (pending.time.to_string().into_bytes(), pending.count.to_string().into_bytes());
    let word = |w: &[u8]| w.to_vec();
    let head = vec![word(b"XCLAIM"), word(key), word(name), owner, word(b"0"), id.text()];
    let options = [word(b"TIME"), time, word(b"RETRYCOUNT"), count, word(b"FORCE"), word(b"JUSTID"), word(b"LASTID")];
    head.into_iter().chain(options).chain([last.text()]).collect()
}

/// The words that set a group's last id and counter.
pub fn setid_words(key: &[u8], name: &[u8], group: &Group) -> Vec<Vec<u8>> {
    let read = group.entries_read.unwrap_or(-1).to_string().into_bytes();
    let head = [b"XGROUP".as_slice(), b"SETID", key, name].map(<[u8]>::to_vec);
    head.into_iter().chain([group.last_id.text(), b"ENTRIESREAD".to_vec(), read]).collect()
}

/// Propagates these commands instead of the client's.
pub fn propagate_all(cx: &mut Cx<'_>, commands: &[Vec<Vec<u8>>]) {
    cx.s.no_propagate = true;
    for command in commands.iter().filter(|c| !c.is_empty()) {
        let words: Vec<&[u8]> = command.iter().map(Vec::as_slice).collect();
        cx.s.also_propagate(cx.db, &words);
    }
}

/// KEEPREF, DELREF or ACKED.
pub fn references(word: &[u8]) -> Option<References> {
    [("KEEPREF", References::Keep), ("DELREF", References::Delete), ("ACKED", References::Acknowledged)]
        .into_iter()
        .find(|(name, _)| word.eq_ignore_ascii_case(name.as_bytes()))
        .map(|(_, references)| references)
}

/// `[KEEPREF | DELREF | ACKED] IDS numids id …` from word `at` on; the words of the ids.
pub fn ids_and_references<'a>(cx: &Cx<'a>, mut at: usize) -> Result<(&'a [&'a [u8]], References), Fail> {
    let (mut found, mut given) = (None, None);
    while at < cx.argc() {
        if let Some(option) = references(cx.arg(at)).filter(|_| given.is_none()) {
            given = Some(option);
            at += 1;
        } else if cx.is(at, "IDS") && at + 1 < cx.argc() {
            const NOT_POSITIVE: &str = "ERR Number of IDs must be a positive integer";
            let count = usize::try_from(cx.int_or(at + 1, NOT_POSITIVE)?).ok().filter(|n| *n > 0);
            let count = count.ok_or(Fail::from(NOT_POSITIVE))?;
            let words = cx.argv.get(at + 2..).and_then(|rest| rest.get(..count));
            found = Some(words.ok_or(Fail::from("ERR The `numids` parameter must match the number of arguments"))?);
            at += 2 + count;
        } else {
            return Err(err::SYNTAX.into());
        }
    }
    Ok((found.ok_or(Fail::from("ERR IDS option is required"))?, given.unwrap_or_default()))
}

/// What XACKDEL and XDELEX answer for an id that is not there.
pub const NOT_THERE: i64 = -1;

/// Deletes an entry unless somebody needs it and `references` says so. 1 if it went, 2 if it is still
/// needed, [`NOT_THERE`]; and whether the stream changed.
pub fn delete_one(stream: &mut Stream, id: StreamId, references: References) -> (i64, bool) {
    match references {
        References::Acknowledged if stream.is_referenced(id) => return (2, false),
        References::Delete => stream.forget(id),
        _ => {}
    }
    let deleted = stream.delete(id);
    (if deleted { 1 } else { NOT_THERE }, deleted)
}
