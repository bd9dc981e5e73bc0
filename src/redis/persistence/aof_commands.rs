//! The base of an append only file as commands: what `aof-use-rdb-preamble no` asks for.

use crate::data::stream::{Consumer, Group, Pending, Stream, StreamId};
use crate::keyspace::db::FOREVER;
use crate::keyspace::frozen::Budget;
use crate::keyspace::{Record, Value};
use resp::encode_request;
use std::borrow::Cow;
use std::iter::once;

/// Most elements that one command adds.
const ITEMS: usize = 64;

/// Writes a command.
fn command(out: &mut Vec<u8>, words: &[&[u8]]) {
    encode_request(out, words);
}

/// An element as the words that add it, of which sorted sets and hashes need two.
type Words<'a> = (Cow<'a, [u8]>, Option<Cow<'a, [u8]>>);

/// Writes the commands that make a key, or, where its value is large, as many as the budget allows: from the element
/// `from` on, up to the one it gives. Nothing once all is written. `settings`: what new streams remember of producers,
/// for how long and how much.
pub(super) fn part(
    out: &mut Vec<u8>,
    record: &Record,
    settings: (u64, u64),
    from: usize,
    budget: &mut Budget,
) -> Option<usize> {
    let key: &[u8] = record.key();
    match &record.value {
        Value::Int(_) | Value::Str(_) | Value::Raw(_) => {
            command(out, &[b"SET", key, &record.value.bytes().unwrap_or_default()]);
            budget.spend(1);
        }
        Value::Stream(found) => {
            let parts = parts(found, settings).skip(from);
            let next = budget.each(out, parts, from, Vec::len, |out, part| write(out, key, found, part));
            if next.is_some() {
                return next;
            }
        }
        // No command brings back the graph: two of the same elements differ by the order in which they came.
        Value::Vectors(set) => {
            command(out, &[b"RESTORE", key, b"0", &super::rdb_write::dump(&record.value)]);
            budget.spend(set.len());
        }
        value => {
            if let Some(next) = batches(out, key, value, from, budget) {
                return Some(next);
            }
        }
    }
    if record.expire() != FOREVER {
        command(out, &[b"PEXPIREAT", key, record.expire().to_string().as_bytes()]);
    }
    None
}

/// Writes commands that add elements from `from` on, some at a time. The element that comes next, if the budget ended
/// before them.
fn batches(out: &mut Vec<u8>, key: &[u8], value: &Value, from: usize, budget: &mut Budget) -> Option<usize> {
    let (name, elements) = elements(value, from)?;
    let mut elements = elements.peekable();
    let mut done = 0;
    while elements.peek().is_some() {
        if done > 0 && budget.is_over_after(done, out.len()) {
            budget.spend(done);
            return Some(from + done);
        }
        let batch: Vec<Words<'_>> = elements.by_ref().take(ITEMS).collect();
        let words = batch.iter().flat_map(|(one, two)| [Some(one), two.as_ref()]).flatten();
        let all: Vec<&[u8]> = [name.as_bytes(), key].into_iter().chain(words.map(|word| word.as_ref())).collect();
        command(out, &all);
        if let Value::Hash(hash) = value {
            for (field, when) in batch.iter().filter_map(|(field, _)| Some((field, hash.ttl(field)?))) {
                let when = when.to_string();
                command(out, &[b"HPEXPIREAT", key, when.as_bytes(), b"FIELDS", b"1", field]);
            }
        }
        done += batch.len();
    }
    budget.spend(done);
    None
}

/// The command that adds elements of a value, and these from `from` on.
fn elements(value: &Value, from: usize) -> Option<(&'static str, Box<dyn Iterator<Item = Words<'_>> + '_>)> {
    Some(match value {
        Value::List(list) => ("RPUSH", Box::new(list.iter_from(from).map(|e| (e.bytes(), None)))),
        Value::Set(set) => ("SADD", Box::new(set.iter_from(from).map(|member| (member, None)))),
        Value::ZSet(zset) => {
            let words = |(member, score)| (Cow::Owned(resp::format_double(score).into_bytes()), Some(member));
            ("ZADD", Box::new(zset.iter_from(from, false).map(words)))
        }
        Value::Hash(hash) => ("HMSET", Box::new(hash.iter_from(from).map(|(field, value)| (field, Some(value))))),
        _ => return None,
    })
}

/// A part of a stream, for which a command or a few are written.
enum Part<'a> {
    /// Entries from one id to another.
    Entries(StreamId, StreamId),
    /// What is told of the stream as a whole.
    Facts,
    /// A group, by its name.
    Group(&'a [u8], &'a Group),
    /// A consumer that has nothing.
    Idle(&'a [u8], &'a Consumer),
    /// An entry that a consumer has.
    Pending(&'a [u8], &'a Consumer, StreamId, &'a Pending),
    /// What is remembered of producers: for how long, and how much.
    Settings(u64, u64),
    /// A message of a producer.
    Message(&'a [u8], &'a [u8], StreamId),
}

/// A stream, part by part. `settings`: what new streams remember of producers, for how long and how much.
fn parts(stream: &Stream, settings: (u64, u64)) -> impl Iterator<Item = Part<'_>> {
    let starts = stream.nodes().map(|(id, _)| id);
    let ends = starts.clone().skip(1).map(|id| id.prev().unwrap_or(id)).chain(once(StreamId::MAX));
    let entries = starts.zip(ends).map(|(from, to)| Part::Entries(from, to));
    let groups = stream.groups.iter().flat_map(|(name, group)| {
        let consumers = group.consumers().flat_map(move |consumer| {
            let pending = consumer.pending.iter().filter_map(|id| Some((*id, group.pending(*id)?)));
            let idle = consumer.pending.is_empty().then_some(Part::Idle(name, consumer));
            idle.into_iter().chain(pending.map(move |(id, pending)| Part::Pending(name, consumer, id, pending)))
        });
        once(Part::Group(name, group)).chain(consumers)
    });
    let producers = &stream.producers;
    let own = (producers.duration, producers.most);
    let messages = producers.by_name.iter().flat_map(|(producer, sent)| {
        let there = sent.iter().filter(|(_, id)| stream.contains(*id));
        there.map(move |(name, id)| Part::Message(producer, name, *id))
    });
    let own = (own != settings).then_some(Part::Settings(own.0, own.1));
    entries.chain(once(Part::Facts)).chain(groups).chain(own).chain(messages)
}

fn write(out: &mut Vec<u8>, key: &[u8], stream: &Stream, part: Part<'_>) {
    match part {
        Part::Entries(from, to) => {
            for item in stream.range(from, to) {
                let mut words = vec![b"XADD".to_vec(), key.to_vec(), item.id.text()];
                for (field, value) in item.pairs() {
                    words.extend([field.bytes().into_owned(), value.bytes().into_owned()]);
                }
                encode_request(out, &words);
            }
        }
        Part::Facts => {
            if stream.is_empty() {
                // An entry that goes at once leaves an empty stream.
                command(out, &[b"XADD", key, b"MAXLEN", b"0", b"0-1", b"x", b"y"]);
            }
            let (added, deleted) = (stream.added.to_string(), stream.max_deleted.text());
            let last = stream.last_id.text();
            command(out, &[b"XSETID", key, &last, b"ENTRIESADDED", added.as_bytes(), b"MAXDELETEDID", &deleted]);
        }
        Part::Group(name, group) => {
            let (last, read) = (group.last_id.text(), group.entries_read.unwrap_or(-1).to_string());
            command(out, &[b"XGROUP", b"CREATE", key, name, &last, b"ENTRIESREAD", read.as_bytes()]);
        }
        Part::Idle(name, consumer) => {
            command(out, &[b"XGROUP", b"CREATECONSUMER", key, name, &consumer.name]);
        }
        Part::Pending(name, consumer, id, pending) => {
            let (time, count, id) = (pending.time.to_string(), pending.count.to_string(), id.text());
            let words = [b"XCLAIM".as_slice(), key, name, &consumer.name, b"0", &id, b"TIME", time.as_bytes()];
            let options = [b"RETRYCOUNT".as_slice(), count.as_bytes(), b"JUSTID", b"FORCE"];
            command(out, &[&words[..], &options[..]].concat());
        }
        Part::Settings(duration, most) => {
            let (duration, most) = (duration.to_string(), most.to_string());
            let words = [b"XCFGSET".as_slice(), key, b"IDMP-DURATION", duration.as_bytes(), b"IDMP-MAXSIZE"];
            command(out, &[&words[..], &[most.as_bytes()]].concat());
        }
        Part::Message(producer, name, id) => command(out, &[b"XIDMPRECORD", key, producer, name, &id.text()]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::stream::{NewId, StreamLimits};

    #[test]
    fn a_stream_is_made_again_by_its_commands() {
        let limits = StreamLimits { bytes: 4096, entries: 100, duration: 100, most: 100 };
        let mut found = Stream::new(limits);
        let id = found.next_id(NewId::Given(StreamId::new(5, 1)), 0).expect("the first");
        found.append(id, &[b"f", b"v"], limits);
        let mut group = Group::new(id, Some(1));
        let (consumer, _) = group.consumer_or_new(b"c", 0);
        group.consumer_or_new(b"idle", 0);
        group.assign(id, consumer, 70, 2);
        found.groups.insert(b"g".to_vec(), group);
        let mut out = Vec::new();
        parts(&found, (100, 100)).for_each(|part| write(&mut out, b"k", &found, part));
        let text = String::from_utf8_lossy(&out).into_owned();
        let commands: Vec<String> = text
            .split('*')
            .skip(1)
            .map(|c| c.lines().skip(1).filter(|l| !l.starts_with('$')).collect::<Vec<_>>().join(" "))
            .collect();
        assert_eq!(
            commands,
            [
                "XADD k 5-1 f v",
                "XSETID k 5-1 ENTRIESADDED 1 MAXDELETEDID 0-0",
                "XGROUP CREATE k g 5-1 ENTRIESREAD 1",
                "XCLAIM k g c 0 5-1 TIME 70 RETRYCOUNT 2 JUSTID FORCE",
                "XGROUP CREATECONSUMER k g idle",
            ]
        );
    }
}
