//! A hash table of items that carry their own key; items lie dense in chunks, so that memory
//! grows in small steps and a random item costs one look.

use super::index::{Arena, Index, NIL, Spread};

/// An item of a [`Dict`].
pub trait Item {
    /// The key, unique within the table.
    fn key(&self) -> &[u8];
    /// The chain link.
    fn next(&self) -> u32;
    /// Sets the chain link.
    fn set_next(&mut self, next: u32);
    /// Looks at all that a reader of the item will look at, so that it is loaded.
    fn touch(&self) -> u8 {
        0
    }
    /// What the item costs by [`super::cost`], if the table is to add that up.
    fn cost(&self) -> usize {
        0
    }
}

const CHUNK: usize = 1024;

/// Items in chunks of 1024.
#[derive(Debug, Clone)]
pub(super) struct Chunks<T> {
    chunks: Vec<Vec<T>>,
    len: usize,
}

impl<T> Default for Chunks<T> {
    fn default() -> Chunks<T> {
        Chunks { chunks: Vec::new(), len: 0 }
    }
}

impl<T> Chunks<T> {
    pub(super) fn get(&self, id: u32) -> Option<&T> {
        self.chunks.get(id as usize / CHUNK)?.get(id as usize % CHUNK)
    }

    pub(super) fn get_mut(&mut self, id: u32) -> Option<&mut T> {
        self.chunks.get_mut(id as usize / CHUNK)?.get_mut(id as usize % CHUNK)
    }

    pub(super) fn push(&mut self, item: T) -> u32 {
        let id = self.len as u32;
        if self.len.is_multiple_of(CHUNK) {
            self.chunks.push(if self.len == 0 { Vec::new() } else { Vec::with_capacity(CHUNK) });
        }
        if let Some(chunk) = self.chunks.last_mut() {
            chunk.push(item);
        }
        self.len += 1;
        id
    }

    /// Takes out the last chunk.
    pub(super) fn pop_chunk(&mut self) -> Vec<T> {
        let chunk = self.chunks.pop().unwrap_or_default();
        self.len -= chunk.len();
        chunk
    }

    fn pop(&mut self) -> Option<T> {
        let chunk = self.chunks.last_mut()?;
        let item = chunk.pop();
        if chunk.is_empty() {
            self.chunks.pop();
        }
        self.len -= 1;
        item
    }
}

impl<T: Item> Arena for Chunks<T> {
    #[inline]
    fn key(&self, id: u32) -> &[u8] {
        self.get(id).map_or(&[], Item::key)
    }
    fn next(&self, id: u32) -> u32 {
        self.get(id).map_or(NIL, Item::next)
    }
    fn set_next(&mut self, id: u32, next: u32) {
        if let Some(item) = self.get_mut(id) {
            item.set_next(next);
        }
    }
}

/// The table.
#[derive(Debug, Clone)]
pub struct Dict<T> {
    index: Index,
    items: Chunks<T>,
    cost: usize,
}

impl<T> Default for Dict<T> {
    fn default() -> Dict<T> {
        Dict { index: Index::default(), items: Chunks::default(), cost: 0 }
    }
}

impl<T: Item> Dict<T> {
    /// An empty table.
    pub fn new() -> Dict<T> {
        Dict::default()
    }

    /// How many items it holds.
    pub fn len(&self) -> usize {
        self.items.len
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.items.len == 0
    }

    /// The buckets and the resize in progress.
    pub fn index(&self) -> &Index {
        &self.index
    }

    /// The slot of `key`; slots are `0..len()` and change when an item is removed.
    pub fn find(&self, key: &[u8]) -> Option<u32> {
        self.index.find(&self.items, key)
    }

    /// Loads into the processor's cache what looking these keys up will need: first all buckets, then
    /// the first items of their chains, each an independent read. No effect but on time.
    pub fn warm(&self, keys: &[&[u8]]) {
        const MOST: usize = 16;
        let mut firsts = [NIL; MOST];
        for (first, key) in firsts.iter_mut().zip(keys) {
            *first = self.index.first_of(key);
        }
        let next = |id: u32| self.items.get(id).map_or(NIL, Item::next);
        let seconds = firsts.map(next);
        // The second items too, since every third chain has one.
        let thirds = seconds.map(next);
        let touched = firsts.map(|id| self.items.get(id).map_or(0, Item::touch));
        std::hint::black_box((thirds, touched));
    }

    /// The item of `key`.
    pub fn get(&self, key: &[u8]) -> Option<&T> {
        self.items.get(self.find(key)?)
    }

    /// The item of `key`, to change anything but its key.
    pub fn get_mut(&mut self, key: &[u8]) -> Option<&mut T> {
        let id = self.find(key)?;
        self.items.get_mut(id)
    }

    /// The item in a slot.
    pub fn at(&self, id: u32) -> Option<&T> {
        self.items.get(id)
    }

    /// The item in a slot, to change anything but its key.
    pub fn at_mut(&mut self, id: u32) -> Option<&mut T> {
        self.items.get_mut(id)
    }

    /// Adds an item whose key is not present and returns its slot.
    pub fn insert(&mut self, item: T) -> u32 {
        self.cost += item.cost();
        let id = self.items.push(item);
        self.index.insert(&mut self.items, id);
        id
    }

    /// Takes the item of `key` out.
    pub fn remove(&mut self, key: &[u8]) -> Option<T> {
        let id = self.find(key)?;
        self.remove_at(id)
    }

    /// Takes the item in a slot out; the last item moves into the slot.
    pub fn remove_at(&mut self, id: u32) -> Option<T> {
        self.items.get(id)?;
        self.index.remove(&mut self.items, id);
        let last = self.items.len as u32 - 1;
        if id != last {
            self.index.renumber(&mut self.items, last, id);
        }
        let mut item = self.items.pop()?;
        if id != last
            && let Some(slot) = self.items.get_mut(id)
        {
            std::mem::swap(slot, &mut item);
        }
        self.cost = self.cost.saturating_sub(item.cost());
        Some(item)
    }

    /// Changes the item of `key` in anything but its key. False if there is none.
    pub fn change(&mut self, key: &[u8], change: impl FnOnce(&mut T)) -> bool {
        let Some(item) = self.find(key).and_then(|id| self.items.get_mut(id)) else { return false };
        let before = item.cost();
        change(item);
        self.cost = (self.cost + item.cost()).saturating_sub(before);
        true
    }

    /// What all items cost.
    pub fn cost(&self) -> usize {
        self.cost
    }

    /// How the items are spread over the buckets.
    pub fn spread(&self) -> Vec<Spread> {
        self.index.spread(&self.items)
    }

    /// All items, in slot order.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.items.chunks.iter().flatten()
    }

    /// All items, in slot order, to change anything but their keys.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.items.chunks.iter_mut().flatten()
    }

    /// One step of a scan: see [`Index::scan`].
    pub fn scan(&self, cursor: u64, visit: &mut dyn FnMut(&T)) -> u64 {
        self.index.scan(&self.items, cursor, &mut |id| {
            if let Some(item) = self.items.get(id) {
                visit(item);
            }
        })
    }

    /// Takes some items off a table that is of no use any more; none are left where none come.
    pub fn shed(&mut self) -> Vec<T> {
        self.items.pop_chunk()
    }

    /// Makes room for `n` items.
    pub fn reserve(&mut self, n: usize) {
        self.index.reserve(n);
    }

    /// Moves up to `n` buckets of a resize in progress. True while more remain.
    pub fn rehash(&mut self, n: usize) -> bool {
        self.index.move_buckets(&mut self.items, n)
    }

    /// Bytes of the table itself, without what the items own.
    pub fn overhead(&self) -> usize {
        self.index.buckets() * 4 + self.items.len * size_of::<T>() + 24 * self.items.chunks.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Entry(Vec<u8>, u32);

    impl Item for Entry {
        fn key(&self) -> &[u8] {
            &self.0
        }
        fn next(&self) -> u32 {
            self.1
        }
        fn set_next(&mut self, next: u32) {
            self.1 = next;
        }
    }

    fn key(n: usize) -> Vec<u8> {
        format!("key:{n}").into_bytes()
    }

    #[test]
    fn holds_what_was_put_in() {
        let mut dict = Dict::new();
        for n in 0..5000 {
            dict.insert(Entry(key(n), NIL));
        }
        for n in (0..5000).step_by(3) {
            assert!(dict.remove(&key(n)).is_some());
        }
        for n in 0..5000 {
            assert_eq!(dict.get(&key(n)).is_some(), n % 3 != 0, "{n}");
        }
        assert_eq!(dict.len(), dict.iter().count());
        for n in 0..5000 {
            dict.remove(&key(n));
        }
        assert!(dict.is_empty() && dict.index().is_empty());
    }

    #[test]
    fn a_scan_misses_nothing_while_the_table_changes_size() {
        let mut dict = Dict::new();
        for n in 0..300 {
            dict.insert(Entry(key(n), NIL));
        }
        let mut seen = std::collections::BTreeSet::new();
        let (mut cursor, mut round) = (0, 0);
        loop {
            cursor = dict.scan(cursor, &mut |e| {
                seen.insert(e.0.clone());
            });
            round += 1;
            if cursor == 0 {
                break;
            }
            if round < 60 {
                for n in 0..50 {
                    dict.insert(Entry(format!("more:{round}:{n}").into_bytes(), NIL));
                }
            } else if round < 120 {
                for n in 0..50 {
                    dict.remove(format!("more:{}:{n}", round - 60).as_bytes());
                }
            }
        }
        assert!((0..300).all(|n| seen.contains(&key(n))));
    }
}
