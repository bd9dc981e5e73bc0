//! A database as it was at one moment, written piece by piece while clients go on changing it.
//!
//! Redis forks for that, and the system copies pages that change. Here it is done key by key: each key that was there
//! has a bit that says that it is still to be written, and whoever is about to change or remove such a key writes it
//! first. All of that passes through [`Db`], the only door to its records.

use super::Db;
use super::db::{FOREVER, Place, Tables};
use super::trash::Trash;
use crate::data::tree::Tree;
use crate::persistence::Recorder;

/// So many items of a large value count as one key when work is measured.
const ITEMS: usize = 4;

/// How much one step may write: as soon as either is used up it ends.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// Keys, where a large value counts as several.
    pub keys: usize,
    /// Bytes that wait in the recorder.
    pub bytes: usize,
}

impl Budget {
    /// No end.
    pub fn all() -> Budget {
        Budget { keys: usize::MAX, bytes: usize::MAX }
    }

    /// Whether there is nothing left for more, where `bytes` wait.
    pub fn is_over(&self, bytes: usize) -> bool {
        self.keys == 0 || bytes >= self.bytes
    }

    /// Whether so many items use it up, where `bytes` wait.
    pub fn is_over_after(&self, items: usize, bytes: usize) -> bool {
        items / ITEMS >= self.keys || bytes >= self.bytes
    }

    /// Writes items of a value, the first of which is its `from`th, until it is used up: the item that comes next;
    /// nothing once all are written. `waiting`: how many bytes wait at the writer.
    pub fn each<W, T>(
        &mut self,
        to: &mut W,
        items: impl Iterator<Item = T>,
        from: usize,
        waiting: impl Fn(&W) -> usize,
        write: impl Fn(&mut W, T),
    ) -> Option<usize> {
        let mut done = 0;
        let mut items = items.peekable();
        while let Some(item) = items.next() {
            write(to, item);
            done += 1;
            if self.is_over_after(done, waiting(to)) && items.peek().is_some() {
                self.spend(done);
                return Some(from + done);
            }
        }
        self.spend(done);
        None
    }

    /// A value was written, or so many of its items.
    pub fn spend(&mut self, items: usize) {
        self.keys = self.keys.saturating_sub((items / ITEMS).max(1));
    }
}

/// A value of which a part is written.
#[derive(Debug)]
struct Part {
    place: Place,
    /// The item that comes next.
    next: usize,
}

/// What of a database is still to be written.
#[derive(Debug)]
pub(super) struct Frozen {
    /// The number of the database when it was frozen: SWAPDB may have moved it since.
    number: usize,
    pending: Pending,
    /// The value that is written in parts at the moment.
    part: Option<Part>,
    /// The rest of such a value, written since it was about to change. It comes before everything else.
    rest: Recorder,
    /// Keys that were written since they were about to change.
    aside: Recorder,
    /// The slot that the recorder was told of last.
    told: Option<u32>,
    /// The tables, once the database was emptied.
    old: Option<Tables>,
}

/// A bit for each place that held a key at the beginning: set while that key is to be written.
#[derive(Debug)]
struct Pending {
    /// Where the bits of each table begin, and where those of the last end.
    starts: Vec<usize>,
    bits: Vec<u64>,
    /// No bit is set before this one, and this is in this table.
    at: usize,
    table: usize,
}

impl Pending {
    fn new(tables: &Tables, without: impl Fn(usize) -> bool) -> Pending {
        let mut starts = Vec::with_capacity(tables.len() + 1);
        let mut sum = 0;
        starts.push(sum);
        for (n, table) in tables.iter().enumerate() {
            sum += table.as_ref().filter(|_| !without(n)).map_or(0, |t| t.len());
            starts.push(sum);
        }
        let mut bits = vec![u64::MAX; sum.div_ceil(64)];
        if let Some(last) = bits.last_mut().filter(|_| !sum.is_multiple_of(64)) {
            *last = (1 << (sum % 64)) - 1;
        }
        Pending { starts, bits, at: 0, table: 0 }
    }

    /// The bit of a place, if a key lay there at the beginning.
    fn bit(&self, place: Place) -> Option<usize> {
        let table = place.table as usize;
        let bit = self.starts.get(table)? + place.id as usize;
        (bit < *self.starts.get(table + 1)?).then_some(bit)
    }

    /// How many keys a table had at the beginning.
    fn keys_of(&self, table: u32) -> usize {
        let start = |n: usize| self.starts.get(n).copied().unwrap_or_default();
        start(table as usize + 1).saturating_sub(start(table as usize))
    }

    /// Clears the bit of a place. Whether it was set.
    fn take(&mut self, place: Place) -> bool {
        let Some(bit) = self.bit(place) else { return false };
        let Some(word) = self.bits.get_mut(bit / 64) else { return false };
        let mask = 1 << (bit % 64);
        let was = *word & mask != 0;
        *word &= !mask;
        was
    }

    /// A record moved.
    fn moved(&mut self, from: Place, to: Place) {
        if self.take(from)
            && let Some(bit) = self.bit(to)
            && let Some(word) = self.bits.get_mut(bit / 64)
        {
            *word |= 1 << (bit % 64);
            self.at = self.at.min(bit / 64 * 64);
            self.table = self.table.min(to.table as usize);
        }
    }

    /// Takes the next place whose bit is set.
    fn next(&mut self) -> Option<Place> {
        let mut index = self.at / 64;
        while self.bits.get(index) == Some(&0) {
            index += 1;
        }
        let word = self.bits.get_mut(index)?;
        let bit = index * 64 + word.trailing_zeros() as usize;
        *word &= *word - 1;
        self.at = bit;
        while self.starts.get(self.table + 1).is_some_and(|end| *end <= bit) {
            self.table += 1;
        }
        let id = bit - self.starts.get(self.table)?;
        Some(Place { table: self.table as u32, id: id as u32 })
    }
}

impl Db {
    /// Remembers all keys as they are now, until [`Db::thaw`]. `number` is the database's; `aside` takes the keys that
    /// are about to change. Tables that are told by `without`, by slot, count as empty. How many keys that are.
    pub fn freeze(&mut self, number: usize, aside: Recorder, without: impl Fn(usize) -> bool) -> usize {
        self.settle();
        let pending = Pending::new(&self.tables, without);
        let keys = pending.starts.last().copied().unwrap_or_default();
        let rest = aside.like();
        self.frozen = Some(Box::new(Frozen { number, pending, part: None, rest, aside, told: None, old: None }));
        keys
    }

    /// The number the database had when it was frozen.
    pub fn frozen_as(&self) -> Option<usize> {
        self.frozen.as_ref().map(|frozen| frozen.number)
    }

    /// Writes some of the keys that were remembered and are not written yet. True once there are no more.
    pub fn write_frozen(&mut self, out: &mut Recorder, budget: &mut Budget) -> bool {
        let Some(frozen) = self.frozen.as_deref_mut() else { return true };
        let tables = frozen.old.as_ref().unwrap_or(&self.tables);
        out.join(&mut frozen.rest);
        while !budget.is_over(out.waiting()) {
            if frozen.part.is_none() {
                out.join(&mut frozen.aside);
                let Some(place) = frozen.pending.next() else { return true };
                frozen.part = Some(Part { place, next: 0 });
            }
            let Some(Part { place, next }) = frozen.part.take() else { continue };
            let Some(table) = tables.get(place.table as usize).and_then(Option::as_ref) else { continue };
            if out.tells_slots() && frozen.told != Some(place.table) {
                frozen.told = Some(place.table);
                let volatile = table.iter().filter(|record| record.expire() != FOREVER).count();
                out.slot(place.table, frozen.pending.keys_of(place.table), volatile);
            }
            if let Some(record) = table.at(place.id) {
                frozen.part = out.part(record, next, budget).map(|next| Part { place, next });
            }
        }
        false
    }

    /// Forgets what was remembered, written or not.
    pub fn thaw(&mut self, trash: &mut Trash) {
        if let Some(old) = self.frozen.take().and_then(|frozen| frozen.old) {
            trash.add_keys(old.into_iter().flatten().map(|table| *table), Tree::default());
        }
    }

    /// Bytes of keys that were written since they were about to change.
    pub fn frozen_memory(&self) -> usize {
        self.frozen.as_ref().map_or(0, |frozen| frozen.rest.waiting() + frozen.aside.waiting())
    }

    /// The record in a place is about to change or to go.
    pub(super) fn before_change(&mut self, place: Place) {
        let Some(frozen) = self.frozen.as_deref_mut().filter(|frozen| frozen.old.is_none()) else { return };
        let record = || self.tables.get(place.table as usize).and_then(Option::as_ref).and_then(|t| t.at(place.id));
        if let Some(part) = frozen.part.take_if(|part| part.place == place) {
            if let Some(record) = record() {
                frozen.rest.part(record, part.next, &mut Budget::all());
            }
        } else if frozen.pending.take(place)
            && let Some(record) = record()
        {
            frozen.aside.record(record);
        }
    }

    /// The record in a place moved to another, whose own is gone.
    pub(super) fn record_moved(&mut self, from: Place, to: Place) {
        if let Some(frozen) = self.frozen.as_deref_mut().filter(|frozen| frozen.old.is_none()) {
            frozen.pending.moved(from, to);
            if let Some(part) = frozen.part.as_mut().filter(|part| part.place == from) {
                part.place = to;
            }
        }
    }

    /// The database is emptied: what is remembered of it takes over its tables. Gives them back where it does not.
    pub(super) fn hand_over(&mut self, emptied: &mut Db) -> Tables {
        let tables = std::mem::take(&mut emptied.tables);
        self.frozen = emptied.frozen.take();
        match self.frozen.as_deref_mut() {
            Some(frozen) if frozen.old.is_none() => {
                frozen.old = Some(tables);
                Tables::new()
            }
            _ => tables,
        }
    }
}
