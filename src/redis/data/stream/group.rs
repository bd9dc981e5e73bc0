//! Consumer groups: who has which entry and has not acknowledged it yet.

use super::StreamId;
use super::shape::allocated;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

/// An entry that was delivered and not acknowledged.
#[derive(Clone, Copy, Debug)]
pub struct Pending {
    /// When it was delivered last, in Unix milliseconds.
    pub time: i64,
    /// How often.
    pub count: u64,
    /// To whom: a number of [`Group::consumer`].
    pub consumer: u64,
    /// Its place among those delivered at the same time.
    order: u64,
}

/// A consumer.
#[derive(Clone, Debug)]
pub struct Consumer {
    /// Its name.
    pub name: Vec<u8>,
    /// When it last tried to read or claim.
    pub seen: i64,
    /// When it last got something; -1 for never.
    pub active: i64,
    /// What it has and did not acknowledge.
    pub pending: BTreeSet<StreamId>,
}

/// A group.
#[derive(Clone, Debug, Default)]
pub struct Group {
    /// The last entry that was delivered.
    pub last_id: StreamId,
    /// How many entries were delivered in all; `None` where nobody can know.
    pub entries_read: Option<i64>,
    pending: BTreeMap<StreamId, Pending>,
    /// The same by the time of delivery.
    by_time: BTreeMap<(i64, u64), StreamId>,
    next_order: u64,
    names: BTreeMap<Vec<u8>, u64>,
    consumers: BTreeMap<u64, Consumer>,
    next_consumer: u64,
}

/// Bytes that Redis takes for a pending entry and its places in the trees of group and consumer.
const PENDING_BYTES: usize = 64 + 2 * 57;

/// Bytes that Redis takes for a consumer beside its name, and for a group.
const CONSUMER_BYTES: usize = 180;
const GROUP_BYTES: usize = 200;
/// How many consumers are looked at for an estimate.
const SAMPLE: usize = 16;

impl Group {
    /// A group that has delivered everything up to `last_id`.
    pub fn new(last_id: StreamId, entries_read: Option<i64>) -> Group {
        Group { last_id, entries_read, ..Group::default() }
    }

    /// How many entries are pending.
    pub fn pending_len(&self) -> usize {
        self.pending.len()
    }

    /// Pending entries by id, from `start` on.
    pub fn pending_from(&self, start: StreamId) -> impl Iterator<Item = (StreamId, &Pending)> {
        self.pending.range(start..).map(|(id, p)| (*id, p))
    }

    /// The last pending entry.
    pub fn last_pending(&self) -> Option<StreamId> {
        self.pending.last_key_value().map(|(id, _)| *id)
    }

    /// Pending entries, those delivered longest ago first.
    pub fn pending_by_time(&self) -> impl Iterator<Item = (StreamId, &Pending)> {
        self.by_time.values().filter_map(|id| Some((*id, self.pending.get(id)?)))
    }

    /// The pending entry after a place in the order of delivery (from the start for `None`), and its
    /// place.
    pub fn next_by_time(&self, after: Option<(i64, u64)>) -> Option<((i64, u64), StreamId)> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        self.by_time.range((from, Bound::Unbounded)).next().map(|(place, id)| (*place, *id))
    }

    /// The place of the entry that was delivered last.
    pub fn last_by_time(&self) -> Option<(i64, u64)> {
        self.by_time.last_key_value().map(|(place, _)| *place)
    }

    /// A pending entry.
    pub fn pending(&self, id: StreamId) -> Option<&Pending> {
        self.pending.get(&id)
    }

    /// Gives an entry to a consumer at a time, for the `count`th time.
    pub fn assign(&mut self, id: StreamId, consumer: u64, time: i64, count: u64) {
        self.release(id);
        let order = self.next_order;
        self.next_order += 1;
        self.by_time.insert((time, order), id);
        self.pending.insert(id, Pending { time, count, consumer, order });
        if let Some(owner) = self.consumers.get_mut(&consumer) {
            owner.pending.insert(id);
        }
    }

    /// Takes an entry from whoever has it: it was acknowledged or is gone.
    pub fn release(&mut self, id: StreamId) -> Option<Pending> {
        let pending = self.pending.remove(&id)?;
        self.by_time.remove(&(pending.time, pending.order));
        if let Some(owner) = self.consumers.get_mut(&pending.consumer) {
            owner.pending.remove(&id);
        }
        Some(pending)
    }

    /// Takes up to so many pending entries, or a consumer, off a group that is of no use any more. How many.
    pub fn shed(&mut self, most: usize) -> usize {
        let ids: Vec<StreamId> = self.pending.keys().take(most).copied().collect();
        for id in &ids {
            self.release(*id);
        }
        if !ids.is_empty() {
            return ids.len();
        }
        self.names.clear();
        self.consumers.pop_last().map_or(0, |_| 1)
    }

    /// How many consumers there are.
    pub fn consumers_len(&self) -> usize {
        self.consumers.len()
    }

    /// The consumers, by name.
    pub fn consumers(&self) -> impl Iterator<Item = &Consumer> {
        self.names.values().filter_map(|n| self.consumers.get(n))
    }

    /// The number of a consumer.
    pub fn find_consumer(&self, name: &[u8]) -> Option<u64> {
        self.names.get(name).copied()
    }

    /// A consumer.
    pub fn consumer(&self, number: u64) -> Option<&Consumer> {
        self.consumers.get(&number)
    }

    /// A consumer, to be changed.
    pub fn consumer_mut(&mut self, number: u64) -> Option<&mut Consumer> {
        self.consumers.get_mut(&number)
    }

    /// Makes a consumer; `None` if it is there.
    pub fn add_consumer(&mut self, name: &[u8], now: i64) -> Option<u64> {
        let (number, made) = self.consumer_or_new(name, now);
        made.then_some(number)
    }

    /// The number of a consumer, made if it is missing; whether it was made.
    pub fn consumer_or_new(&mut self, name: &[u8], now: i64) -> (u64, bool) {
        if let Some(number) = self.find_consumer(name) {
            return (number, false);
        }
        let number = self.next_consumer;
        self.next_consumer += 1;
        self.names.insert(name.to_vec(), number);
        let consumer = Consumer { name: name.to_vec(), seen: now, active: -1, pending: BTreeSet::new() };
        self.consumers.insert(number, consumer);
        (number, true)
    }

    /// Removes a consumer with everything it had. How many entries that were.
    pub fn remove_consumer(&mut self, name: &[u8]) -> Option<usize> {
        let number = self.names.remove(name)?;
        let gone = self.consumers.remove(&number)?;
        for id in &gone.pending {
            self.release(*id);
        }
        Some(gone.pending.len())
    }

    /// Bytes allocated, as Redis counts them; from a few consumers where there are many.
    pub fn memory(&self) -> usize {
        let looked_at = self.consumers.len().min(SAMPLE);
        let sum: usize =
            self.consumers.values().take(looked_at).map(|c| CONSUMER_BYTES + allocated(c.name.len() + 4)).sum();
        let consumers = sum * self.consumers.len() / looked_at.max(1);
        GROUP_BYTES + consumers + self.pending.len() * PENDING_BYTES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_found_by_time_whoever_has_them() {
        let mut group = Group::new(StreamId::MIN, Some(0));
        let a = group.add_consumer(b"a", 1).expect("new");
        let b = group.add_consumer(b"b", 1).expect("new");
        assert_eq!(group.add_consumer(b"a", 1), None);
        let id = |n| StreamId::new(n, 0);
        group.assign(id(1), a, 100, 1);
        group.assign(id(2), a, 100, 1);
        group.assign(id(3), b, 50, 1);
        let order = |g: &Group| g.pending_by_time().map(|(id, _)| id.ms).collect::<Vec<_>>();
        assert_eq!(order(&group), [3, 1, 2]);
        group.assign(id(1), b, 100, 2);
        assert_eq!(order(&group), [3, 2, 1]);
        assert_eq!(group.consumer(a).map(|c| c.pending.len()), Some(1));
        assert_eq!(group.remove_consumer(b"b"), Some(2));
        assert_eq!((group.pending_len(), order(&group)), (1, vec![2]));
    }
}
