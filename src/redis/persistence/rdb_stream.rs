//! Streams in RDB files.

use super::rdb_read::Reader;
use super::rdb_write::{Writer, op};
use crate::data::stream::idempotent::Producers;
use crate::data::stream::{Group, Stream, StreamId, StreamLimits};
use std::collections::BTreeMap;

/// Writes a stream.
pub fn write(w: &mut Writer, stream: &Stream) {
    w.len(stream.nodes().len() as u64);
    for (id, pack) in stream.nodes() {
        w.string(&id.to_bytes());
        w.string(&pack.to_bytes());
    }
    w.len(stream.len());
    for id in [stream.last_id, stream.first_id, stream.max_deleted] {
        write_id(w, id);
    }
    w.len(stream.added);
    w.len(stream.groups.len() as u64);
    for (name, group) in &stream.groups {
        write_group(w, name, group);
    }
    let producers = &stream.producers;
    w.len(producers.duration);
    w.len(producers.most);
    w.len(producers.by_name.len() as u64);
    for (name, producer) in &producers.by_name {
        w.string(name);
        w.len(producer.len() as u64);
        for (sent, id) in producer.iter() {
            w.string(sent);
            write_id(w, *id);
        }
    }
    w.len(producers.added);
    w.len(producers.duplicates);
}

fn write_id(w: &mut Writer, id: StreamId) {
    w.len(id.ms);
    w.len(id.seq);
}

fn write_group(w: &mut Writer, name: &[u8], group: &Group) {
    w.string(name);
    write_id(w, group.last_id);
    w.len(group.entries_read.unwrap_or(-1) as u64);
    w.len(group.pending_len() as u64);
    for (id, pending) in group.pending_from(StreamId::MIN) {
        w.out.extend_from_slice(&id.to_bytes());
        w.out.extend_from_slice(&pending.time.to_le_bytes());
        w.len(pending.count);
    }
    w.len(group.consumers_len() as u64);
    for consumer in group.consumers() {
        w.string(&consumer.name);
        w.out.extend_from_slice(&consumer.seen.to_le_bytes());
        w.out.extend_from_slice(&consumer.active.to_le_bytes());
        w.len(consumer.pending.len() as u64);
        for id in &consumer.pending {
            w.out.extend_from_slice(&id.to_bytes());
        }
    }
}

/// Reads a stream in any of the forms that Redis has written since 5.0. What the older ones don't tell is
/// as in a new stream.
pub fn read(r: &mut Reader<'_>, kind: u8, limits: StreamLimits) -> Option<Stream> {
    let mut nodes = BTreeMap::new();
    for _ in 0..r.count()? {
        let id = StreamId::from_bytes(&r.string()?)?;
        if nodes.insert(id, r.pack()?).is_some() {
            return None;
        }
    }
    let length = r.read_len()?;
    let last_id = read_id(r)?;
    let mut stream = Stream::from_nodes(nodes, length)?;
    stream.last_id = last_id;
    (stream.producers.duration, stream.producers.most) = (limits.duration, limits.most);
    if kind == op::STREAM {
        stream.added = length;
        stream.first_id = stream.first_entry().unwrap_or_default();
    } else {
        stream.first_id = read_id(r)?;
        stream.max_deleted = read_id(r)?;
        stream.added = r.read_len()?;
    }
    for _ in 0..r.count()? {
        let name = r.string()?;
        let group = read_group(r, kind, &stream)?;
        if stream.groups.insert(name, group).is_some() {
            return None;
        }
    }
    if kind == op::STREAM_4 {
        stream.producers = read_producers(r)?;
    }
    Some(stream)
}

fn read_id(r: &mut Reader<'_>) -> Option<StreamId> {
    Some(StreamId { ms: r.read_len()?, seq: r.read_len()? })
}

fn read_raw_id(r: &mut Reader<'_>) -> Option<StreamId> {
    StreamId::from_bytes(r.take(16)?)
}

fn read_group(r: &mut Reader<'_>, kind: u8, stream: &Stream) -> Option<Group> {
    let last_id = read_id(r)?;
    let read = if kind == op::STREAM {
        stream.entries_until(last_id)
    } else {
        Some(r.read_len()? as i64).filter(|n| *n != -1)
    };
    let mut group = Group::new(last_id, read);
    let mut pending = BTreeMap::new();
    for _ in 0..r.count()? {
        let (id, time, count) = (read_raw_id(r)?, r.le64()?, r.read_len()?);
        if pending.insert(id, (time, count)).is_some() {
            return None;
        }
    }
    // Who has which entry follows; entries delivered at the same time stay in the order of their ids.
    let mut owners = BTreeMap::new();
    for _ in 0..r.count()? {
        let name = r.string()?;
        let seen = r.le64()?;
        let active = if matches!(kind, op::STREAM_3 | op::STREAM_4) { r.le64()? } else { seen };
        let number = group.add_consumer(&name, seen)?;
        group.consumer_mut(number)?.active = active;
        for _ in 0..r.count()? {
            let id = read_raw_id(r)?;
            if !pending.contains_key(&id) || owners.insert(id, number).is_some() {
                return None;
            }
        }
    }
    for (id, (time, count)) in pending {
        group.assign(id, *owners.get(&id)?, time, count);
    }
    Some(group)
}

fn read_producers(r: &mut Reader<'_>) -> Option<Producers> {
    let duration = r.read_len().filter(|n| (1..=86_400).contains(n))?;
    let most = r.read_len().filter(|n| (1..=10_000).contains(n))?;
    let mut producers = Producers { duration, most, ..Producers::default() };
    for _ in 0..r.count()? {
        let name = r.string()?;
        if producers.by_name.contains_key(&name) {
            return None;
        }
        let producer = producers.by_name.entry(name).or_default();
        for _ in 0..r.count()? {
            let (sent, id) = (r.string()?, read_id(r)?);
            producer.insert(&sent, id);
        }
    }
    producers.added = r.read_len()?;
    producers.duplicates = r.read_len()?;
    Some(producers)
}
