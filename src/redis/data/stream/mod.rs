//! Streams: entries in nodes, ordered by id; consumer groups; idempotent producers.
//!
//! A node is a listpack in Redis's own format ([`node`]), so that RDB files and DUMP payloads are the
//! real ones; what Redis keeps in a radix tree is an ordered map here.

mod group;
mod id;
pub mod idempotent;
mod iter;
pub mod node;
pub mod shape;
mod trim;

pub use group::{Consumer, Group, Pending};
pub use id::StreamId;
pub use iter::{Item, Items};
pub use trim::{By, References, Trim};

use crate::data::listpack::Listpack;
use idempotent::Producers;
use std::collections::BTreeMap;

/// Nodes never grow beyond this, whatever the configuration says.
const LARGEST_NODE: usize = 1 << 30;

/// Bytes that Redis takes for a stream without entries.
const BASE_BYTES: usize = 180;
/// Bytes that a node takes in the radix tree, about.
const NODE_BYTES: usize = 60;
/// Bytes that it takes to find the groups in which an entry is pending, about.
const REFERENCE_BYTES: usize = 60;

/// When a node is full, and what new streams remember of their producers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamLimits {
    /// `stream-node-max-bytes`; 0 for no limit.
    pub bytes: usize,
    /// `stream-node-max-entries`; 0 for no limit.
    pub entries: usize,
    /// `stream-idmp-duration`
    pub duration: u64,
    /// `stream-idmp-maxsize`
    pub most: u64,
}

/// The id that XADD is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NewId {
    /// `*`
    Auto,
    /// `ms-*`
    Time(u64),
    /// All of it.
    Given(StreamId),
}

/// A stream.
#[derive(Clone, Debug, Default)]
pub struct Stream {
    nodes: BTreeMap<StreamId, Listpack>,
    /// Bytes of all nodes.
    bytes: usize,
    length: u64,
    /// The last id that was given.
    pub last_id: StreamId,
    /// The first entry that is not deleted; 0-0 where there is none.
    pub first_id: StreamId,
    /// The largest id that XDEL deleted.
    pub max_deleted: StreamId,
    /// Entries added since the beginning.
    pub added: u64,
    /// Consumer groups, by name.
    pub groups: BTreeMap<Vec<u8>, Group>,
    /// Idempotent producers.
    pub producers: Producers,
}

impl Stream {
    /// An empty stream.
    pub fn new(limits: StreamLimits) -> Stream {
        let producers = Producers { duration: limits.duration, most: limits.most, ..Producers::default() };
        Stream { producers, ..Stream::default() }
    }

    /// A stream of nodes from outside; `None` if one of them is bad or they don't hold `length` entries.
    pub fn from_nodes(nodes: BTreeMap<StreamId, Listpack>, length: u64) -> Option<Stream> {
        let mut live = 0u64;
        for pack in nodes.values() {
            live = live.checked_add(node::check(pack)?)?;
        }
        let bytes = nodes.values().map(Listpack::size).sum();
        (live == length).then(|| Stream { nodes, bytes, length, ..Stream::default() })
    }

    /// How many entries there are.
    pub fn len(&self) -> u64 {
        self.length
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// The nodes, by the id of their first entry.
    pub fn nodes(&self) -> impl ExactSizeIterator<Item = (StreamId, &Listpack)> + Clone {
        self.nodes.iter().map(|(id, pack)| (*id, pack))
    }

    /// The radix tree that Redis would keep the nodes in.
    pub fn shape(&self) -> shape::Shape {
        let keys: Vec<[u8; 16]> = self.nodes.keys().map(|id| id.to_bytes()).collect();
        shape::of(&keys)
    }

    /// Bytes allocated, as Redis counts them.
    pub fn memory(&self) -> usize {
        let groups: usize = self.groups.values().map(Group::memory).sum();
        let pending = self.groups.values().map(Group::pending_len).max().unwrap_or(0);
        let index = self.nodes.len() * NODE_BYTES + pending * REFERENCE_BYTES;
        BASE_BYTES + self.bytes + index + groups + self.producers.memory()
    }

    /// Bytes of the node that entries are added to; nothing in an empty stream.
    pub fn last_node_size(&self) -> usize {
        self.nodes.last_key_value().map_or(0, |(_, pack)| pack.size())
    }

    /// How many allocations it takes to give the memory back, about.
    pub fn free_effort(&self) -> usize {
        let pending = self.groups.values().next().map_or(0, |g| self.groups.len() * (1 + g.pending_len()));
        self.nodes.len() + pending
    }

    /// Takes some nodes, or pieces of a group, off a stream that is of no use any more. How many.
    pub fn shed(&mut self) -> usize {
        const SOME: usize = 256;
        let nodes = (0..SOME).map_while(|_| self.nodes.pop_first()).count();
        if nodes > 0 {
            return nodes;
        }
        let Some(mut last) = self.groups.last_entry() else { return 0 };
        let pieces = last.get_mut().shed(SOME);
        if pieces == 0 {
            last.remove();
        }
        pieces.max(1)
    }

    /// The id that a new entry gets; `None` if it would not be larger than the last.
    pub fn next_id(&self, wanted: NewId, now_ms: i64) -> Option<StreamId> {
        let id = match wanted {
            NewId::Given(id) => id,
            NewId::Time(ms) if ms == self.last_id.ms => StreamId { ms, seq: self.last_id.seq.checked_add(1)? },
            NewId::Time(ms) => StreamId { ms, seq: 0 },
            NewId::Auto if now_ms as u64 > self.last_id.ms => StreamId { ms: now_ms as u64, seq: 0 },
            NewId::Auto => self.last_id.next()?,
        };
        (id > self.last_id).then_some(id)
    }

    /// Appends an entry, whose id must come from [`Stream::next_id`]. False if its pairs are too large.
    pub fn append(&mut self, id: StreamId, pairs: &[&[u8]], limits: StreamLimits) -> bool {
        let size: usize = pairs.iter().map(|piece| piece.len()).sum();
        if size > LARGEST_NODE {
            return false;
        }
        let most = if limits.bytes == 0 { LARGEST_NODE } else { limits.bytes.min(LARGEST_NODE) };
        let room = |pack: &Listpack| {
            let entries = node::head(pack).map_or(0, |h| h.live + h.deleted) as usize;
            pack.size() + size < most && (limits.entries == 0 || entries < limits.entries)
        };
        let last = self.nodes.last_key_value().filter(|(_, pack)| room(pack)).map(|(id, _)| *id);
        let master = match last {
            Some(master) => master,
            None => {
                if let Some(mut full) = self.nodes.last_entry() {
                    full.get_mut().shrink();
                }
                self.nodes.insert(id, node::new(pairs));
                id
            }
        };
        if let Some(pack) = self.nodes.get_mut(&master) {
            let before = if last.is_some() { pack.size() } else { 0 };
            node::push(pack, master, id, pairs);
            self.bytes += pack.size() - before;
        }
        self.length += 1;
        self.added = self.added.wrapping_add(1);
        self.last_id = id;
        if self.length == 1 {
            self.first_id = id;
        }
        true
    }

    /// The entry of an id.
    pub fn get(&self, id: StreamId) -> Option<Item<'_>> {
        self.range(id, id).next()
    }

    /// Whether there is an entry of that id.
    pub fn contains(&self, id: StreamId) -> bool {
        self.get(id).is_some()
    }

    /// The first entry's id.
    pub fn first_entry(&self) -> Option<StreamId> {
        self.range(StreamId::MIN, StreamId::MAX).next().map(|item| item.id)
    }

    /// The last entry's id.
    pub fn last_entry(&self) -> Option<StreamId> {
        self.range_back(StreamId::MIN, StreamId::MAX).next().map(|item| item.id)
    }

    /// The first entry's id, entries marked as deleted included; the largest id if there is none.
    pub fn first_with_deleted(&self) -> StreamId {
        self.all_with_deleted().next().map_or(StreamId::MAX, |item| item.id)
    }

    fn update_first(&mut self) {
        self.first_id = self.first_entry().unwrap_or_default();
    }

    /// Deletes an entry; false if there is none of that id.
    pub fn delete(&mut self, id: StreamId) -> bool {
        let Some((master, place)) = self.get(id).map(|item| (item.node, item.place)) else { return false };
        let Some(pack) = self.nodes.get_mut(&master) else { return false };
        let before = pack.size();
        if node::head(pack).is_some_and(|h| h.live <= 1) {
            self.nodes.remove(&master);
            self.bytes -= before;
        } else {
            node::delete(pack, &[place]);
            self.bytes = self.bytes + pack.size() - before;
        }
        self.length = self.length.saturating_sub(1);
        if id == self.first_id {
            self.update_first();
        }
        self.max_deleted = self.max_deleted.max(id);
        true
    }

    /// Whether some group has not read an entry, or somebody has it and did not acknowledge it.
    pub fn is_referenced(&self, id: StreamId) -> bool {
        self.groups.values().any(|group| group.last_id < id || group.pending(id).is_some())
    }

    /// Takes an entry from all who have it.
    pub fn forget(&mut self, id: StreamId) {
        for group in self.groups.values_mut() {
            group.release(id);
        }
    }

    /// Whether entries from `start` on were deleted, as far as the stream remembers.
    fn has_gaps_from(&self, start: StreamId) -> bool {
        !self.is_empty() && !self.max_deleted.is_zero() && start <= self.max_deleted
    }

    /// How many entries there were up to an id since the beginning; `None` if that can't be known.
    pub fn entries_until(&self, id: StreamId) -> Option<i64> {
        let (added, length) = (self.added as i64, self.length as i64);
        if self.added == 0 {
            return Some(0);
        }
        if self.is_empty() && id <= self.last_id {
            return Some(added);
        }
        if !id.is_zero() && id < self.max_deleted {
            return None;
        }
        if id >= self.last_id {
            return (id == self.last_id).then_some(added);
        }
        if self.max_deleted.is_zero() || self.max_deleted < self.first_id {
            if id < self.first_id {
                return Some(added.wrapping_sub(length));
            }
            if id == self.first_id {
                return Some(added.wrapping_sub(length).wrapping_add(1));
            }
        }
        None
    }

    /// How many entries a group has not read yet; `None` if that can't be known.
    pub fn lag(&self, group: &Group) -> Option<i64> {
        if self.added == 0 || self.is_empty() {
            return Some(0);
        }
        if group.last_id < self.first_id && self.max_deleted < self.first_id {
            return Some(self.length as i64);
        }
        let read = match group.entries_read {
            Some(read) if !self.has_gaps_from(group.last_id) => Some(read),
            _ => self.entries_until(group.last_id),
        };
        read.map(|read| (self.added as i64).wrapping_sub(read))
    }

    /// What a group's counter of entries becomes when it gets the entry `id`.
    pub fn count_read(&self, group: &Group, id: StreamId) -> Option<i64> {
        match group.entries_read {
            Some(read) if group.last_id >= self.first_id && !self.has_gaps_from(group.last_id) => {
                Some(read.wrapping_add(1))
            }
            read if self.added == 0 => read,
            _ => self.entries_until(id),
        }
    }
}

#[cfg(test)]
mod tests;
