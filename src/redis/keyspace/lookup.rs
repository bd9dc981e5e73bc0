//! Finding keys: expiry on access, statistics, the time of last use; and changing the keyspace.

use super::db::{FOREVER, Place, Record};
use super::slots::slot_of;
use super::value::{Kind, Value};
use crate::data::hash::Hash;
use crate::data::list::List;
use crate::data::set::Set;
use crate::data::stream::Stream;
use crate::data::vectors::VectorSet;
use crate::data::zset::ZSet;
use crate::server::{Fail, Server, err, notify};

/// Values that are less work than this are given back at once.
const LAZY_EFFORT: usize = 64;

/// Typed access: `read` for readers, `write` for writers, `make` to create what is missing.
macro_rules! typed {
    ($read:ident, $write:ident, $make:ident, $variant:ident, $type:ty) => {
        /// The value for reading. An error if it has another type.
        pub fn $read(&mut self, db: usize, key: &[u8]) -> Result<Option<&$type>, Fail> {
            match self.read(db, key) {
                Some(Value::$variant(v)) => Ok(Some(v)),
                Some(_) => Err(err::WRONG_TYPE.into()),
                None => Ok(None),
            }
        }

        /// The value for changing. An error if it has another type.
        pub fn $write(&mut self, db: usize, key: &[u8]) -> Result<Option<&mut $type>, Fail> {
            match self.write(db, key) {
                Some(Value::$variant(v)) => Ok(Some(v)),
                Some(_) => Err(err::WRONG_TYPE.into()),
                None => Ok(None),
            }
        }

        /// The value for changing, made empty if the key is missing.
        pub fn $make(&mut self, db: usize, key: &[u8]) -> Result<&mut $type, Fail> {
            let place = match self.used(db, key) {
                Some(place) => Some(place),
                None => {
                    self.add_key(db, key, Value::$variant(Default::default()));
                    self.dbs.get(db).and_then(|d| d.find(key))
                }
            };
            match place.and_then(|p| self.value_at(db, p)) {
                Some(Value::$variant(v)) => Ok(v),
                _ => Err(err::WRONG_TYPE.into()),
            }
        }
    };
}

impl Server {
    typed!(list, list_mut, make_list, List, List);
    typed!(set, set_mut, make_set, Set, Set);
    typed!(hash, hash_mut, make_hash, Hash, Hash);
    typed!(zset, zset_mut, make_zset, ZSet, ZSet);
    typed!(stream, stream_mut, make_stream, Stream, Stream);

    /// The vector set for reading. An error if the value has another type.
    pub fn vectors(&mut self, db: usize, key: &[u8]) -> Result<Option<&VectorSet>, Fail> {
        match self.read(db, key) {
            Some(Value::Vectors(set)) => Ok(Some(set)),
            Some(_) => Err(err::WRONG_TYPE.into()),
            None => Ok(None),
        }
    }

    /// The vector set for changing. An error if the value has another type.
    pub fn vectors_mut(&mut self, db: usize, key: &[u8]) -> Result<Option<&mut VectorSet>, Fail> {
        match self.write(db, key) {
            Some(Value::Vectors(set)) => Ok(Some(set)),
            Some(_) => Err(err::WRONG_TYPE.into()),
            None => Ok(None),
        }
    }

    /// The value of a key, without any side effect; expired keys count as there.
    pub fn peek(&self, db: usize, key: &[u8]) -> Option<&Value> {
        self.dbs.get(db)?.get(key).map(|r| &r.value)
    }

    /// The same to be changed.
    pub fn peek_mut(&mut self, db: usize, key: &[u8]) -> Option<&mut Value> {
        self.dbs.get_mut(db)?.get_mut(key).map(|r| &mut r.value)
    }

    /// Whether a key is there and has expired.
    pub fn is_expired(&self, db: usize, key: &[u8]) -> bool {
        self.dbs.get(db).and_then(|d| d.get(key)).is_some_and(|record| self.is_over(record))
    }

    fn is_over(&self, record: &Record) -> bool {
        record.expire() != FOREVER && record.expire() < self.now_ms && !self.loading && !self.debug.allow_access_expired
    }

    /// Where a key lies that is there and has not expired. The hash table is asked once.
    fn live(&mut self, db: usize, key: &[u8]) -> Option<Place> {
        let place = self.dbs.get(db)?.find(key)?;
        if self.trims_slots() && self.trims_slot(slot_of(key)) {
            return None;
        }
        let over = self.dbs.get(db)?.at(place).is_some_and(|record| self.is_over(record));
        if over && self.expire_if_needed(db, key) { None } else { Some(place) }
    }

    /// Where a key lies that is used now.
    pub fn used(&mut self, db: usize, key: &[u8]) -> Option<Place> {
        let place = self.live(db, key)?;
        self.touch_at(db, place);
        Some(place)
    }

    /// The value in a place.
    pub fn value_at(&mut self, db: usize, place: Place) -> Option<&mut Value> {
        self.dbs.get_mut(db)?.at_mut(place).map(|r| &mut r.value)
    }

    /// Whether what is over is stored all the same: somebody else decides when it goes, and will say so.
    pub fn takes_what_is_over(&self) -> bool {
        self.repl.is_replica() || self.slot_migration.applying
    }

    /// Lets a key expire if its time has come. True if it is logically gone.
    pub fn expire_if_needed(&mut self, db: usize, key: &[u8]) -> bool {
        if !self.is_expired(db, key) {
            return false;
        }
        // What slots come from decides when keys go: it sends a DEL.
        if self.slot_migration.applying {
            return false;
        }
        // A replica waits for its master's DEL; its clients see the key gone at once.
        if self.repl.is_replica() {
            return !self.repl.running_masters_command;
        }
        let kept = self.nested_scan && !self.config.bool(crate::config::LAZYEXPIRE_NESTED_ARBITRARY_KEYS);
        if !kept && self.pause.is_none_or(|(until, _)| until <= self.now_ms) {
            self.delete_expired(db, key);
        }
        true
    }

    /// Deletes a key whose time has come and tells everybody.
    pub fn delete_expired(&mut self, db: usize, key: &[u8]) {
        let lazy = self.config.bool(crate::config::LAZYFREE_LAZY_EXPIRE);
        let start = if self.hot.latency > 0 { self.host.mono_us() } else { 0 };
        let Some(record) = self.dbs.get_mut(db).and_then(|d| d.remove(key)) else { return };
        self.count_lazy(&record.value, lazy);
        self.trash.add(record.value);
        if self.hot.latency > 0 {
            self.took("expire-del", self.host.mono_us() - start);
        }
        self.count.expired_keys += 1;
        self.key_modified(db, key, 0);
        self.notify(notify::EXPIRED, "expired", key, db);
        self.propagate_now(db, &[if lazy { b"UNLINK" } else { b"DEL" }, key]);
    }

    /// The value of a key for a reader: counts hits and misses and notes the use.
    pub fn read(&mut self, db: usize, key: &[u8]) -> Option<&Value> {
        let Some(place) = self.used(db, key) else {
            self.count.misses += 1;
            self.notify(notify::KEY_MISS, "keymiss", key, db);
            return None;
        };
        self.count.hits += 1;
        self.dbs.get(db)?.at(place).map(|r| &r.value)
    }

    /// Whether a key is there, which is no use of it. Counts hits and misses.
    pub fn has(&mut self, db: usize, key: &[u8]) -> bool {
        self.look(db, key).is_some()
    }

    /// A key for a reader who only asks what it is: it counts as found or missed, not as used.
    pub fn look(&mut self, db: usize, key: &[u8]) -> Option<&crate::keyspace::Record> {
        let Some(place) = self.live(db, key) else {
            self.count.misses += 1;
            self.notify(notify::KEY_MISS, "keymiss", key, db);
            return None;
        };
        self.count.hits += 1;
        self.dbs.get(db)?.at(place)
    }

    /// The value of a key for a writer.
    pub fn write(&mut self, db: usize, key: &[u8]) -> Option<&mut Value> {
        let place = self.used(db, key)?;
        self.value_at(db, place)
    }

    /// Whether a key is there, without counting it as used.
    pub fn exists(&mut self, db: usize, key: &[u8]) -> bool {
        self.live(db, key).is_some()
    }

    /// Notes that a key was used.
    pub fn touch(&mut self, db: usize, key: &[u8]) {
        if let Some(place) = self.dbs.get(db).and_then(|d| d.find(key)) {
            self.touch_at(db, place);
        }
    }

    /// Notes that a key was changed, where the policy of eviction looks at that.
    pub(crate) fn note_changed(&mut self, db: usize, key: &[u8]) {
        if self.hot.lrm
            && let Some(d) = self.dbs.get_mut(db)
            && let Some(place) = d.find(key)
        {
            d.set_lru(place, (self.now_ms / 1000) as u32);
        }
    }

    fn touch_at(&mut self, db: usize, place: Place) {
        if self.no_touch || self.hot.lrm {
            return;
        }
        let lfu = self.hot.lfu;
        let clock = (self.now_ms / 1000) as u32;
        if lfu {
            let random = self.random();
            let (factor, decay) =
                (self.config.int(crate::config::LFU_LOG_FACTOR), self.config.int(crate::config::LFU_DECAY_TIME));
            if let Some(d) = self.dbs.get_mut(db)
                && let Some(lru) = d.at(place).map(|r| lfu::used(r.lru, clock / 60, random, factor, decay))
            {
                d.set_lru(place, lru);
            }
            return;
        }
        if let Some(d) = self.dbs.get_mut(db) {
            d.set_lru(place, clock);
        }
    }

    /// Adds a key that is not there.
    pub fn add_key(&mut self, db: usize, key: &[u8], value: Value) {
        let clock = (self.now_ms / 1000) as u32;
        let lru = if self.hot.lfu { lfu::fresh(clock / 60) } else { clock };
        // A key whose time has come is still there while others decide when it goes.
        let leftovers = self.pause.is_some() || self.repl.is_replica();
        if let Some(d) = self.dbs.get_mut(db) {
            if leftovers {
                d.remove(key);
            }
            d.add(key, value, lru);
        }
        self.notify(notify::NEW, "new", key, db);
        self.signal_ready(db, key);
    }

    /// Sets a key to a value, whatever it held, with the events of that; the time to live stays if asked.
    pub fn set_key(&mut self, db: usize, key: &[u8], value: Value, keep_ttl: bool) {
        let kind = value.kind();
        let was = self.replace_value(db, key, value, keep_ttl);
        self.say_overwritten(db, key, was, kind);
    }

    /// The events of a key that got another value, perhaps of another type; none for a key that was not there.
    pub fn say_overwritten(&mut self, db: usize, key: &[u8], was: Option<Kind>, kind: Kind) {
        if let Some(was) = was {
            self.notify(notify::OVERWRITTEN, "overwritten", key, db);
            if was != kind {
                self.notify(notify::TYPE_CHANGED, "type_changed", key, db);
            }
        }
    }

    /// Sets a key to a value, whatever it held; the time to live stays if asked. What type it had, if it was there.
    pub fn replace_value(&mut self, db: usize, key: &[u8], value: Value, keep_ttl: bool) -> Option<Kind> {
        let place = self.live(db, key);
        let lfu = self.hot.lfu;
        let clock = (self.now_ms / 1000) as u32;
        let d = self.dbs.get_mut(db)?;
        match place.and_then(|p| d.at_mut(p)) {
            Some(record) => {
                let ttl_of_fields = match &record.value {
                    Value::Hash(h) => h.next_expiry(),
                    _ => None,
                };
                let old = std::mem::replace(&mut record.value, value);
                if !lfu {
                    record.lru = clock;
                }
                let was = old.kind();
                let volatile = record.expire() != FOREVER;
                self.trash.add(old);
                if ttl_of_fields.is_some() {
                    d.update_field_expiry(key, ttl_of_fields);
                }
                if volatile && !keep_ttl {
                    d.set_expire(key, FOREVER);
                }
                if was == Kind::Stream {
                    self.signal_ready(db, key);
                }
                Some(was)
            }
            None => {
                self.add_key(db, key, value);
                None
            }
        }
    }

    /// Deletes a key; false if it is not there.
    pub fn delete(&mut self, db: usize, key: &[u8]) -> bool {
        let Some(record) = self.dbs.get_mut(db).and_then(|d| d.remove(key)) else { return false };
        self.signal_gone(db, key, &record.value);
        self.trash.add(record.value);
        true
    }

    /// Deletes a key, and says whether its memory may be given back in the background.
    pub fn delete_as(&mut self, db: usize, key: &[u8], lazy: bool) -> bool {
        if lazy && let Some(record) = self.dbs.get(db).and_then(|d| d.get(key)) {
            self.count.lazy_freed += u64::from(record.value.free_effort() > LAZY_EFFORT);
        }
        self.delete(db, key)
    }

    /// Counts a value that goes to the background.
    fn count_lazy(&mut self, value: &Value, lazy: bool) {
        self.count.lazy_freed += u64::from(lazy && value.free_effort() > LAZY_EFFORT);
    }

    /// Deletes a key whose aggregate lost its last element, and says so.
    pub fn delete_if_empty(&mut self, db: usize, key: &[u8]) -> bool {
        if self.peek(db, key).is_some_and(Value::is_empty_aggregate) {
            self.delete(db, key);
            self.notify(notify::GENERIC, "del", key, db);
            return true;
        }
        false
    }

    /// The type of a key.
    pub fn kind(&mut self, db: usize, key: &[u8]) -> Option<Kind> {
        let place = self.live(db, key)?;
        self.dbs.get(db)?.at(place).map(|r| r.value.kind())
    }

    /// When a key expires, in Unix milliseconds.
    pub fn expire_of(&self, db: usize, key: &[u8]) -> Option<i64> {
        self.dbs.get(db)?.get(key).map(|r| r.expire()).filter(|e| *e != FOREVER)
    }
}

/// The counter of uses: the upper 16 bits hold the minute of the last decrement, the lower 8 a
/// logarithmic counter.
pub mod lfu {
    /// Where new keys start, so that they are not evicted at once.
    const START: u32 = 5;

    /// The word of a new key.
    pub fn fresh(minute: u32) -> u32 {
        (minute & 0xffff) << 8 | START
    }

    /// The counter after it lost one for every `decay` minutes.
    pub fn decayed(word: u32, minute: u32, decay: i64) -> u32 {
        let counter = word & 0xff;
        let elapsed = (minute & 0xffff).wrapping_sub(word >> 8) & 0xffff;
        let periods = if decay > 0 { elapsed / decay as u32 } else { 0 };
        counter.saturating_sub(periods)
    }

    /// The word after one more use.
    pub fn used(word: u32, minute: u32, random: u64, factor: i64, decay: i64) -> u32 {
        let mut counter = decayed(word, minute, decay);
        if counter < 255 {
            let base = f64::from(counter.saturating_sub(START));
            let chance = 1.0 / (base * factor as f64 + 1.0);
            if (random >> 11) as f64 / (1u64 << 53) as f64 <= chance {
                counter += 1;
            }
        }
        (minute & 0xffff) << 8 | counter
    }
}
