//! Streams in RDB files.

use super::rdb_read::Reader;
use super::rdb_write::{Writer, op};
use crate::data::listpack::Listpack;
use crate::data::stream::idempotent::{Producer, Producers};
use crate::data::stream::{Consumer, Group, Pending, Stream, StreamId, StreamLimits, node};
use std::collections::BTreeMap;
use std::iter::once;

/// A part of a stream, which is written in one step.
pub enum Part<'a> {
    /// Entries.
    Node(StreamId, &'a Listpack),
    /// What is told of the stream as a whole, and how many groups follow.
    Facts(&'a Stream),
    /// A group of this name, and how many entries are pending.
    Group(&'a [u8], &'a Group),
    /// A pending entry.
    Pending(StreamId, &'a Pending),
    /// How many consumers a group has.
    Consumers(usize),
    /// A consumer, and how many entries it has.
    Consumer(&'a Consumer),
    /// One of them.
    Owned(StreamId),
    /// What is told of producers, and how many there are.
    Producers(&'a Producers),
    /// A producer of this name, and how many messages are remembered.
    Producer(&'a [u8], &'a Producer),
    /// One of them.
    Message(&'a [u8], StreamId),
    /// How many messages came, and came again.
    Counts(&'a Producers),
}

/// A stream, part by part.
pub fn parts(stream: &Stream) -> impl Iterator<Item = Part<'_>> {
    let producers = &stream.producers;
    let nodes = stream.nodes().map(|(id, pack)| Part::Node(id, pack));
    let groups = stream.groups.iter().flat_map(|(name, group)| {
        let pending = group.pending_from(StreamId::MIN).map(|(id, pending)| Part::Pending(id, pending));
        let consumers = group.consumers().flat_map(|consumer| {
            once(Part::Consumer(consumer)).chain(consumer.pending.iter().map(|id| Part::Owned(*id)))
        });
        once(Part::Group(name, group))
            .chain(pending)
            .chain(once(Part::Consumers(group.consumers_len())))
            .chain(consumers)
    });
    let messages = producers.by_name.iter().flat_map(|(name, producer)| {
        once(Part::Producer(name, producer)).chain(producer.iter().map(|(sent, id)| Part::Message(sent, *id)))
    });
    let facts = once(Part::Facts(stream));
    nodes
        .chain(facts)
        .chain(groups)
        .chain(once(Part::Producers(producers)))
        .chain(messages)
        .chain(once(Part::Counts(producers)))
}

/// Writes a part of a stream.
pub fn write(w: &mut Writer, part: Part<'_>) {
    match part {
        Part::Node(id, pack) => {
            w.string(&id.to_bytes());
            w.string(&pack.to_bytes());
        }
        Part::Facts(stream) => {
            w.len(stream.len());
            for id in [stream.last_id, stream.first_id, stream.max_deleted] {
                write_id(w, id);
            }
            w.len(stream.added);
            w.len(stream.groups.len() as u64);
        }
        Part::Group(name, group) => {
            w.string(name);
            write_id(w, group.last_id);
            w.len(group.entries_read.unwrap_or(-1) as u64);
            w.len(group.pending_len() as u64);
        }
        Part::Pending(id, pending) => {
            w.out.extend_from_slice(&id.to_bytes());
            w.out.extend_from_slice(&pending.time.to_le_bytes());
            w.len(pending.count);
        }
        Part::Consumers(count) => w.len(count as u64),
        Part::Consumer(consumer) => {
            w.string(&consumer.name);
            w.out.extend_from_slice(&consumer.seen.to_le_bytes());
            w.out.extend_from_slice(&consumer.active.to_le_bytes());
            w.len(consumer.pending.len() as u64);
        }
        Part::Owned(id) => w.out.extend_from_slice(&id.to_bytes()),
        Part::Producers(producers) => {
            w.len(producers.duration);
            w.len(producers.most);
            w.len(producers.by_name.len() as u64);
        }
        Part::Producer(name, producer) => {
            w.string(name);
            w.len(producer.len() as u64);
        }
        Part::Message(name, id) => {
            w.string(name);
            write_id(w, id);
        }
        Part::Counts(producers) => {
            w.len(producers.added);
            w.len(producers.duplicates);
        }
    }
}

fn write_id(w: &mut Writer, id: StreamId) {
    w.len(id.ms);
    w.len(id.seq);
}

/// Reads a stream in any of the forms that Redis has written since 5.0. What the older ones don't tell is
/// as in a new stream.
pub fn read(r: &mut Reader<'_>, kind: u8, limits: StreamLimits) -> Option<Stream> {
    let mut nodes = BTreeMap::new();
    let count = r.count();
    for _ in 0..r.or_blame(count, 3055, "Stream listpacks len loading failed.")? {
        let key = r.string();
        let key = r.or_blame(key, 3066, "Stream master ID loading failed: invalid encoding or I/O error.")?;
        let id =
            r.or_blame(StreamId::from_bytes(&key), 3071, "Stream node key entry is not the size of a stream ID")?;
        let bytes = r.string();
        let bytes = r.or_blame(bytes, 3083, "Stream listpacks loading failed.")?;
        let pack = Listpack::from_bytes(&bytes).filter(|pack| node::check(pack).is_some());
        let pack = r.or_blame(pack, 3090, "Stream listpack integrity check failed.")?;
        if nodes.insert(id, pack).is_some() {
            return r.blame(3114, "Listpack re-added with existing key");
        }
    }
    let read = read_facts(r, kind, nodes, limits);
    let mut stream = r.or_blame(read, 3153, "Stream object metadata loading failed.")?;
    let count = r.count();
    for _ in 0..r.or_blame(count, 3167, "Stream cgroup count loading failed.")? {
        let name = r.string();
        let name = r.or_blame(name, 3178, "Error reading the consumer group name from Stream")?;
        let known = stream.groups.contains_key(&name);
        let (last_id, read) = read_place(r, kind, &stream)?;
        if known {
            let name = String::from_utf8_lossy(&name).into_owned();
            return r.blame(3209, &format!("Duplicated consumer group name {name}"));
        }
        let group = read_group(r, kind, Group::new(last_id, read))?;
        stream.groups.insert(name, group);
    }
    if kind == op::STREAM_4 {
        stream.producers = read_producers(r)?;
    }
    Some(stream)
}

/// What is told of the stream as a whole.
fn read_facts(
    r: &mut Reader<'_>,
    kind: u8,
    nodes: BTreeMap<StreamId, Listpack>,
    limits: StreamLimits,
) -> Option<Stream> {
    let length = r.read_len()?;
    let last_id = read_id(r)?;
    let mut facts = None;
    if kind != op::STREAM {
        facts = Some((read_id(r)?, read_id(r)?, r.read_len()?));
    }
    let stream = Stream::from_nodes(nodes, length);
    let mut stream = r.or_blame(stream, 3159, "Stream length inconsistent with rax entries")?;
    stream.last_id = last_id;
    (stream.producers.duration, stream.producers.most) = (limits.duration, limits.most);
    if let Some((first_id, max_deleted, added)) = facts {
        (stream.first_id, stream.max_deleted, stream.added) = (first_id, max_deleted, added);
    } else {
        (stream.first_id, stream.added) = (stream.first_entry().unwrap_or_default(), length);
    }
    Some(stream)
}

fn read_id(r: &mut Reader<'_>) -> Option<StreamId> {
    Some(StreamId { ms: r.read_len()?, seq: r.read_len()? })
}

fn read_raw_id(r: &mut Reader<'_>) -> Option<StreamId> {
    StreamId::from_bytes(r.take(16)?)
}

/// How far a group read.
fn read_place(r: &mut Reader<'_>, kind: u8, stream: &Stream) -> Option<(StreamId, Option<i64>)> {
    let last_id = read_id(r);
    let last_id = r.or_blame(last_id, 3187, "Stream cgroup ID loading failed.")?;
    if kind == op::STREAM {
        return Some((last_id, stream.entries_until(last_id)));
    }
    let read = r.read_len();
    let read = r.or_blame(read, 3198, "Stream cgroup offset loading failed.")?;
    Some((last_id, Some(read as i64).filter(|n| *n != -1)))
}

fn read_group(r: &mut Reader<'_>, kind: u8, mut group: Group) -> Option<Group> {
    let mut pending = BTreeMap::new();
    let count = r.count();
    for _ in 0..r.or_blame(count, 3224, "Stream PEL size loading failed.")? {
        let id = read_raw_id(r);
        let id = r.or_blame(id, 3231, "Stream PEL ID loading failed.")?;
        let times = r.le64().zip(r.read_len());
        let times = r.or_blame(times, 3242, "Stream PEL NACK loading failed.")?;
        if pending.insert(id, times).is_some() {
            return r.blame(3248, "Duplicated global PEL entry loading stream consumer group");
        }
    }
    // Who has which entry follows; entries delivered at the same time stay in the order of their ids.
    let mut owners = BTreeMap::new();
    let count = r.count();
    for _ in 0..r.or_blame(count, 3263, "Stream consumers num loading failed.")? {
        let number = read_consumer(r, kind, &mut group)?;
        let count = r.count();
        for _ in 0..r.or_blame(count, 3307, "Stream consumer PEL num loading failed.")? {
            let id = read_raw_id(r);
            let id = r.or_blame(id, 3315, "Stream short read reading PEL streamID.")?;
            if !pending.contains_key(&id) {
                return r.blame(3322, "Consumer entry not found in group global PEL");
            }
            if owners.insert(id, number).is_some() {
                return r.blame(3334, "Duplicated consumer PEL entry  loading a stream consumer group");
            }
        }
    }
    for (id, (time, count)) in pending {
        let owner = r.or_blame(owners.get(&id), 3352, "Stream CG PEL entry without consumer")?;
        group.assign(id, *owner, time, count);
    }
    Some(group)
}

/// A consumer without what waits for it; its number in the group.
fn read_consumer(r: &mut Reader<'_>, kind: u8, group: &mut Group) -> Option<u64> {
    let name = r.string();
    let name = r.or_blame(name, 3270, "Error reading the consumer name from Stream group.")?;
    let number = r.or_blame(group.add_consumer(&name, 0), 3279, "Duplicate stream consumer detected.")?;
    let seen = r.le64();
    let seen = r.or_blame(seen, 3286, "Stream short read reading seen time.")?;
    let mut active = seen;
    if matches!(kind, op::STREAM_3 | op::STREAM_4) {
        let read = r.le64();
        active = r.or_blame(read, 3294, "Stream short read reading active time.")?;
    }
    let consumer = group.consumer_mut(number)?;
    (consumer.seen, consumer.active) = (seen, active);
    Some(number)
}

/// A number between two others.
fn within(r: &mut Reader<'_>, most: u64, lines: [u32; 2], what: &str) -> Option<u64> {
    let n = r.read_len();
    let n = r.or_blame(n, lines[0], &format!("Stream IDMP {what} loading failed."))?;
    let fits = (1..=most).contains(&n);
    r.or_blame(fits.then_some(n), lines[1], &format!("Stream IDMP {what} out of range"))
}

fn read_producers(r: &mut Reader<'_>) -> Option<Producers> {
    let duration = within(r, 86_400, [3367, 3373], "duration")?;
    let most = within(r, 10_000, [3381, 3387], "max entries")?;
    let mut producers = Producers { duration, most, ..Producers::default() };
    let read = read_messages(r, &mut producers);
    r.or_blame(read, 3394, "Stream IDMP entries loading failed.")?;
    let added = r.read_len();
    producers.added = r.or_blame(added, 3402, "Stream iids_added loading failed.")?;
    let duplicates = r.read_len();
    producers.duplicates = r.or_blame(duplicates, 3410, "Stream iids_duplicates loading failed.")?;
    Some(producers)
}

fn read_messages(r: &mut Reader<'_>, producers: &mut Producers) -> Option<()> {
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
    Some(())
}
