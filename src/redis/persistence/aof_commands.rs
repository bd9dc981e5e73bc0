//! The base of an append only file as commands: what `aof-use-rdb-preamble no` asks for.

use crate::data::stream::{Group, Stream, StreamId};
use crate::keyspace::db::FOREVER;
use crate::keyspace::{Record, Value};
use resp::encode_request;

/// Most elements that one command adds.
const ITEMS: usize = 64;

/// Writes a command.
fn command(out: &mut Vec<u8>, words: &[&[u8]]) {
    encode_request(out, words);
}

/// Writes commands that add elements, each of `size` words, some at a time.
fn batches(out: &mut Vec<u8>, name: &str, key: &[u8], size: usize, words: &[Vec<u8>]) {
    for batch in words.chunks(ITEMS * size) {
        let all: Vec<&[u8]> = [name.as_bytes(), key].into_iter().chain(batch.iter().map(Vec::as_slice)).collect();
        command(out, &all);
    }
}

/// Writes the commands that make a key. `settings`: what new streams remember of producers, for how long and how much.
pub(crate) fn record(out: &mut Vec<u8>, record: &Record, settings: (u64, u64)) {
    let key: &[u8] = record.key();
    match &record.value {
        Value::Int(_) | Value::Str(_) | Value::Raw(_) => {
            command(out, &[b"SET", key, &record.value.bytes().unwrap_or_default()]);
        }
        Value::List(list) => {
            let words: Vec<Vec<u8>> = list.iter().map(|e| e.bytes().into_owned()).collect();
            batches(out, "RPUSH", key, 1, &words);
        }
        Value::Set(set) => {
            let words: Vec<Vec<u8>> = set.iter().map(|m| m.into_owned()).collect();
            batches(out, "SADD", key, 1, &words);
        }
        Value::ZSet(zset) => {
            let pair = |(member, score): (std::borrow::Cow<'_, [u8]>, f64)| {
                [resp::format_double(score).into_bytes(), member.into_owned()]
            };
            let words: Vec<Vec<u8>> = zset.iter().flat_map(pair).collect();
            batches(out, "ZADD", key, 2, &words);
        }
        Value::Hash(hash) => {
            let words: Vec<Vec<u8>> = hash.iter().flat_map(|(f, v)| [f.into_owned(), v.into_owned()]).collect();
            batches(out, "HMSET", key, 2, &words);
            for pair in words.chunks(2) {
                if let Some(when) = hash.ttl(&pair[0]) {
                    let when = when.to_string();
                    command(out, &[b"HPEXPIREAT", key, when.as_bytes(), b"FIELDS", b"1", &pair[0]]);
                }
            }
        }
        Value::Stream(found) => stream(out, key, found, settings),
        // No command brings back the graph: two of the same elements differ by the order in which they came.
        Value::Vectors(_) => command(out, &[b"RESTORE", key, b"0", &super::rdb_write::dump(&record.value)]),
    }
    if record.expire() != FOREVER {
        command(out, &[b"PEXPIREAT", key, record.expire().to_string().as_bytes()]);
    }
}

/// A stream. `settings`: what new streams remember of producers, for how long and how much.
fn stream(out: &mut Vec<u8>, key: &[u8], stream: &Stream, settings: (u64, u64)) {
    for item in stream.range(StreamId::MIN, StreamId::MAX) {
        let mut words = vec![b"XADD".to_vec(), key.to_vec(), item.id.text()];
        for (field, value) in item.pairs() {
            words.extend([field.bytes().into_owned(), value.bytes().into_owned()]);
        }
        encode_request(out, &words);
    }
    if stream.is_empty() {
        // An entry that goes at once leaves an empty stream.
        command(out, &[b"XADD", key, b"MAXLEN", b"0", b"0-1", b"x", b"y"]);
    }
    let (added, deleted) = (stream.added.to_string(), stream.max_deleted.text());
    let last = stream.last_id.text();
    command(out, &[b"XSETID", key, &last, b"ENTRIESADDED", added.as_bytes(), b"MAXDELETEDID", &deleted]);
    for (name, found) in &stream.groups {
        group(out, key, name, found);
    }
    let producers = &stream.producers;
    if (producers.duration, producers.most) != settings {
        let (duration, most) = (producers.duration.to_string(), producers.most.to_string());
        let words = [b"XCFGSET".as_slice(), key, b"IDMP-DURATION", duration.as_bytes(), b"IDMP-MAXSIZE"];
        command(out, &[&words[..], &[most.as_bytes()]].concat());
    }
    for (producer, sent) in &producers.by_name {
        for (name, id) in sent.iter().filter(|(_, id)| stream.contains(*id)) {
            command(out, &[b"XIDMPRECORD", key, producer, name, &id.text()]);
        }
    }
}

fn group(out: &mut Vec<u8>, key: &[u8], name: &[u8], group: &Group) {
    let (last, read) = (group.last_id.text(), group.entries_read.unwrap_or(-1).to_string());
    command(out, &[b"XGROUP", b"CREATE", key, name, &last, b"ENTRIESREAD", read.as_bytes()]);
    for consumer in group.consumers() {
        if consumer.pending.is_empty() {
            command(out, &[b"XGROUP", b"CREATECONSUMER", key, name, &consumer.name]);
        }
        for id in &consumer.pending {
            let Some(pending) = group.pending(*id) else { continue };
            let (time, count, id) = (pending.time.to_string(), pending.count.to_string(), id.text());
            let words = [b"XCLAIM".as_slice(), key, name, &consumer.name, b"0", &id, b"TIME", time.as_bytes()];
            let options = [b"RETRYCOUNT".as_slice(), count.as_bytes(), b"JUSTID", b"FORCE"];
            command(out, &[&words[..], &options[..]].concat());
        }
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
        stream(&mut out, b"k", &found, (100, 100));
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
