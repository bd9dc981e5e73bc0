//! One database: its records, one table or (in cluster mode) one per slot, and what expires when.

use super::frozen::Frozen;
pub use super::key::FOREVER;
use super::key::Key;
use super::slots::{SLOTS, slot_of};
use super::trash::Trash;
use super::value::Value;
use crate::data::cost;
use crate::data::dict::{Dict, Item};
use crate::data::index::{NIL, Spread};
use crate::data::text::Text;
use crate::data::tree::Tree;
use std::collections::BTreeSet;

/// A key with its value, less than one line of a processor's cache; what a search looks at stands together.
#[derive(Clone, Debug)]
#[repr(C)]
pub struct Record {
    next: u32,
    /// When it was used last (seconds), or its counter of uses, by the eviction policy.
    pub lru: u32,
    pub(super) key: Key,
    /// The value.
    pub value: Value,
}

impl Record {
    /// The key.
    pub fn key(&self) -> &[u8] {
        self.key.bytes()
    }

    /// Bytes allocated for the key outside the record, about.
    pub fn key_heap_size(&self) -> usize {
        self.key.heap_size()
    }

    /// Bytes of key and value, by the real server's measure.
    pub fn memory(&self) -> usize {
        let string = match &self.value {
            Value::Str(text) => Some(text.len()),
            Value::Raw(bytes) => Some(bytes.capacity()),
            _ => None,
        };
        cost::object(self.key().len(), self.expire() != FOREVER, string) + self.value.memory()
    }

    /// Bytes that the real server would have allocated.
    fn allocated(&self) -> usize {
        self.memory() + self.value.slack()
    }

    /// When it expires, in Unix milliseconds, or [`FOREVER`].
    pub fn expire(&self) -> i64 {
        self.key.expire()
    }
}

impl Item for Record {
    fn key(&self) -> &[u8] {
        self.key.bytes()
    }
    fn next(&self) -> u32 {
        self.next
    }
    fn set_next(&mut self, next: u32) {
        self.next = next;
    }
    fn touch(&self) -> u8 {
        self.value.first_byte()
    }
}

/// Where a record lies, until a key is added or removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub(super) table: u32,
    pub(super) id: u32,
}

impl Place {
    pub(super) fn number(self) -> u64 {
        u64::from(self.table) << 32 | u64::from(self.id)
    }

    pub(super) fn of(number: u64) -> Place {
        Place { table: (number >> 32) as u32, id: number as u32 }
    }
}

/// The tables of a database: one, or one per slot; a table exists while it has keys.
pub(super) type Tables = Vec<Option<Box<Dict<Record>>>>;

/// A database.
#[derive(Debug)]
pub struct Db {
    pub(super) tables: Tables,
    len: usize,
    /// Places of keys by the time they expire.
    pub(super) expires: Tree,
    /// Hashes by the earliest time one of their fields expires.
    pub(super) field_expires: BTreeSet<(i64, Text)>,
    /// Streams that remember what their producers sent.
    pub(super) producers: BTreeSet<Text>,
    /// Bytes of all records, but for what the open one changed by.
    bytes: usize,
    /// The record that somebody may be changing, and its bytes before.
    open: Option<(Place, usize)>,
    /// What a snapshot in progress still has to write.
    pub(super) frozen: Option<Box<Frozen>>,
}

impl Db {
    /// An empty database, by slots or not.
    pub fn new(by_slot: bool) -> Db {
        let tables = if by_slot { SLOTS } else { 1 };
        Db {
            tables: (0..tables).map(|_| None).collect(),
            len: 0,
            expires: Tree::default(),
            field_expires: BTreeSet::new(),
            producers: BTreeSet::new(),
            bytes: 0,
            open: None,
            frozen: None,
        }
    }

    fn table_of(&self, key: &[u8]) -> usize {
        if self.tables.len() == 1 { 0 } else { slot_of(key) }
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// How many keys expire.
    pub fn volatile(&self) -> usize {
        self.expires.len()
    }

    /// How many hashes have fields that expire.
    pub fn volatile_hashes(&self) -> usize {
        self.field_expires.len()
    }

    /// How many keys a slot has.
    pub fn slot_len(&self, slot: usize) -> usize {
        self.tables.get(slot).and_then(Option::as_ref).map_or(0, |d| d.len())
    }

    /// The keys of a slot.
    pub fn slot_keys(&self, slot: usize) -> impl Iterator<Item = &[u8]> {
        self.tables.get(slot).into_iter().flatten().flat_map(|d| d.iter()).map(Record::key)
    }

    /// The records of a slot.
    pub fn slot_records(&self, slot: usize) -> impl Iterator<Item = &Record> {
        self.tables.get(slot).into_iter().flatten().flat_map(|d| d.iter())
    }

    /// Bytes of the keys of a slot and of its tables.
    pub fn slot_memory(&self, slot: usize) -> usize {
        let records = self.slot_records(slot).map(Record::allocated).sum::<usize>();
        records + if records > 0 { cost::table(self.slot_len(slot)) } else { 0 }
    }

    /// Forgets the keys of a slot; what they held goes to the trash.
    pub fn clear_slot(&mut self, slot: usize, trash: &mut Trash) {
        self.settle();
        let count = self.slot_len(slot);
        if count == 0 || self.tables.len() == 1 {
            return;
        }
        for id in 0..count {
            let place = Place { table: slot as u32, id: id as u32 };
            self.before_change(place);
            self.forget_expiry(place);
        }
        let Some(table) = self.tables.get_mut(slot).and_then(Option::take) else { return };
        self.len -= count;
        for record in table.iter() {
            self.bytes = self.bytes.saturating_sub(record.allocated());
            if let Value::Hash(hash) = &record.value
                && let Some(when) = hash.next_expiry()
            {
                self.field_expires.remove(&(when, Text::new(record.key())));
            }
        }
        trash.add_keys(std::iter::once(*table), Tree::default());
    }

    /// Where the record of a key lies.
    pub fn find(&self, key: &[u8]) -> Option<Place> {
        let table = self.table_of(key);
        let id = self.tables.get(table)?.as_ref()?.find(key)?;
        Some(Place { table: table as u32, id })
    }

    /// Looks at where keys are likely to lie, all at once: waits for memory then overlap, which they
    /// do not in lookups that come one after the other.
    pub fn warm(&self, keys: &[&[u8]]) {
        if let [Some(table)] = self.tables.as_slice() {
            table.warm(keys);
        }
    }

    /// The record in a place.
    pub fn at(&self, place: Place) -> Option<&Record> {
        self.tables.get(place.table as usize)?.as_ref()?.at(place.id)
    }

    /// The record in a place, to change its value.
    pub fn at_mut(&mut self, place: Place) -> Option<&mut Record> {
        if self.open.is_none_or(|(open, _)| open != place) {
            self.settle();
            self.before_change(place);
            self.open = Some((place, self.at(place)?.allocated()));
        }
        self.tables.get_mut(place.table as usize)?.as_mut()?.at_mut(place.id)
    }

    /// Notes when a record was used, or how often.
    pub fn set_lru(&mut self, place: Place, lru: u32) {
        if let Some(record) =
            self.tables.get_mut(place.table as usize).and_then(Option::as_mut).and_then(|t| t.at_mut(place.id))
        {
            record.lru = lru;
        }
    }

    /// Counts what the open record changed by.
    pub(super) fn settle(&mut self) {
        self.bytes = self.records_memory();
        self.open = None;
    }

    /// Bytes of all records, by the real server's measure.
    fn records_memory(&self) -> usize {
        let Some((place, before)) = self.open else { return self.bytes };
        (self.bytes + self.at(place).map_or(0, Record::allocated)).saturating_sub(before)
    }

    /// Bytes of the keys, their values and the tables, by the real server's measure.
    pub fn memory(&self) -> usize {
        self.records_memory() + self.overhead()
    }

    /// The record of a key, expired or not.
    pub fn get(&self, key: &[u8]) -> Option<&Record> {
        self.tables.get(self.table_of(key))?.as_ref()?.get(key)
    }

    /// The record of a key, expired or not, to change its value.
    pub fn get_mut(&mut self, key: &[u8]) -> Option<&mut Record> {
        self.at_mut(self.find(key)?)
    }

    /// Adds a key that is not there.
    pub fn add(&mut self, key: &[u8], value: Value, lru: u32) -> &mut Value {
        if matches!(&value, Value::Stream(stream) if !stream.producers.by_name.is_empty()) {
            self.remember_producers(key);
        }
        self.settle();
        let at = self.table_of(key);
        let table = self.tables[at].get_or_insert_default();
        let record = Record { key: Key::new(key), value, lru, next: NIL };
        let bytes = record.allocated();
        let id = table.insert(record);
        self.bytes += bytes;
        self.open = Some((Place { table: at as u32, id }, bytes));
        self.len += 1;
        match table.at_mut(id) {
            Some(record) => &mut record.value,
            None => unreachable!("a record that was just inserted"),
        }
    }

    /// Takes a key out.
    pub fn remove(&mut self, key: &[u8]) -> Option<Record> {
        let place = self.find(key)?;
        self.settle();
        self.before_change(place);
        let at = place.table as usize;
        self.forget_expiry(place);
        // The last record of the table moves to where this one was.
        let last = Place { id: self.tables.get(at)?.as_ref()?.len().checked_sub(1)? as u32, ..place };
        let moved = if last.id == place.id { FOREVER } else { self.forget_expiry(last) };
        self.record_moved(last, place);
        let table = self.tables.get_mut(at)?.as_mut()?;
        let record = table.remove_at(place.id)?;
        self.bytes = self.bytes.saturating_sub(record.allocated());
        if table.is_empty() {
            self.tables[at] = None;
        }
        if moved != FOREVER {
            self.note_expiry(place, moved);
        }
        self.len -= 1;
        if let Value::Hash(hash) = &record.value
            && let Some(when) = hash.next_expiry()
        {
            self.field_expires.remove(&(when, Text::new(record.key())));
        }
        Some(record)
    }

    /// All records.
    pub fn iter(&self) -> impl Iterator<Item = &Record> {
        self.tables.iter().flatten().flat_map(|d| d.iter())
    }

    /// A record picked by a random number.
    pub fn random(&self, random: u64) -> Option<&Record> {
        if self.len == 0 {
            return None;
        }
        let mut at = (random % self.len as u64) as usize;
        for table in self.tables.iter().flatten() {
            if at < table.len() {
                return table.at(at as u32);
            }
            at -= table.len();
        }
        None
    }

    /// One step of SCAN over all keys, or over those of one slot. The cursor holds the table in its
    /// lower 14 bits where there are several.
    pub fn scan(&self, cursor: u64, only: Option<usize>, visit: &mut dyn FnMut(&Record)) -> u64 {
        if self.tables.len() == 1 {
            return self.tables[0].as_ref().map_or(0, |d| d.scan(cursor, visit));
        }
        let (mut table, mut inner) = ((cursor & (SLOTS as u64 - 1)) as usize, cursor >> 14);
        if let Some(only) = only {
            if cursor != 0 && table != only {
                return 0;
            }
            table = only;
        }
        if let Some(dict) = self.tables.get(table).and_then(Option::as_ref) {
            inner = dict.scan(inner, visit);
        } else {
            inner = 0;
        }
        if inner == 0 {
            if only.is_some() {
                return 0;
            }
            table = match (table + 1..SLOTS).find(|t| self.tables[*t].is_some()) {
                Some(next) => next,
                None => return 0,
            };
        }
        inner << 14 | table as u64
    }

    /// How the keys are spread over the buckets: of the tables in use, and of those being moved to.
    pub fn spread(&self) -> Vec<Spread> {
        let mut sums: Vec<Spread> = Vec::new();
        for table in self.tables.iter().flatten() {
            for (n, spread) in table.spread().iter().enumerate() {
                match sums.get_mut(n) {
                    Some(sum) => sum.add(spread),
                    None => sums.push(spread.clone()),
                }
            }
        }
        sums
    }

    /// Goes on with resizes in progress, by so many buckets in all.
    pub fn rehash(&mut self, buckets: usize) {
        let mut left = buckets;
        for table in self.tables.iter_mut().flatten() {
            while left > 0 && table.index().is_rehashing() {
                let step = left.min(64);
                table.rehash(step);
                left -= step;
            }
        }
    }

    /// Makes room for `n` keys.
    pub fn reserve(&mut self, n: usize) {
        if self.tables.len() == 1 && n > 0 {
            self.tables[0].get_or_insert_default().reserve(n);
        }
    }

    /// Buckets in use and being moved to, of the whole database.
    pub fn table_sizes(&self) -> (usize, usize) {
        self.tables.iter().flatten().map(|d| d.index().table_sizes()).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1))
    }

    /// Bytes of the tables, by the real server's measure.
    pub fn overhead(&self) -> usize {
        cost::table(self.len) + cost::table(self.expires.len())
    }

    /// Bytes of the table of keys and of the one of times to live, as MEMORY STATS tells them.
    pub fn table_overhead(&self) -> (usize, usize) {
        let dicts = self.tables.iter().flatten().count();
        let (main, next) = self.table_sizes();
        (cost::keys_table(dicts, self.len, main + next), cost::expires_table(dicts, self.expires.len()))
    }

    /// Forgets everything; what it held goes to the trash.
    pub fn clear(&mut self, trash: &mut Trash) {
        let empty = Db::new(self.tables.len() > 1);
        let mut old = std::mem::replace(self, empty);
        let tables = self.hand_over(&mut old);
        trash.add_keys(tables.into_iter().flatten().map(|table| *table), old.expires);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scans_across_slots() {
        for by_slot in [false, true] {
            let mut db = Db::new(by_slot);
            for n in 0..500 {
                db.add(format!("k{n}").as_bytes(), Value::Int(n), 0);
            }
            let (mut cursor, mut seen) = (0, BTreeSet::new());
            loop {
                cursor = db.scan(cursor, None, &mut |r| {
                    seen.insert(r.key().to_vec());
                });
                if cursor == 0 {
                    break;
                }
            }
            // A scan of slots starts at slot 0, whether that has keys or not.
            assert_eq!(seen.len(), 500);
            assert!(db.random(7).is_some());
        }
    }

    #[test]
    fn memory_is_the_sum_of_all_records() {
        let mut db = Db::new(false);
        for n in 0..200usize {
            let key = format!("k{}", n * 7 % 50).into_bytes();
            match n % 4 {
                0 => drop(db.remove(&key)),
                1 => db.set_expire(&key, 1000 + n as i64),
                _ if db.find(&key).is_none() => {
                    if let Some(text) = db.add(&key, Value::string(b"abc"), 0).raw_mut() {
                        text.resize(n, b'x');
                    }
                }
                _ => {
                    if let Some(text) = db.get_mut(&key).and_then(|r| r.value.raw_mut()) {
                        text.resize(n * 3, b'y');
                    }
                }
            }
            assert_eq!(db.memory() - db.overhead(), db.iter().map(Record::allocated).sum::<usize>());
        }
    }
}
