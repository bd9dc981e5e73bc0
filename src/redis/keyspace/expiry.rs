//! What of a database goes by itself, and when: keys, fields of hashes, what streams remember of their producers.

use super::db::{Db, FOREVER, Place, Record};
use super::value::Value;
use crate::data::text::Text;
use crate::data::tree::Entry;

impl Db {
    /// Takes a key into the register of those that expire.
    pub(super) fn note_expiry(&mut self, place: Place, when: i64) {
        let entry = Entry { score: when as f64, id: place.number() };
        self.expires.insert(entry, &|e| (e.score, e.id) < (entry.score, entry.id));
    }

    /// Takes a key out of the register of those that expire; when it does.
    pub(super) fn forget_expiry(&mut self, place: Place) -> i64 {
        let when = self.at(place).map_or(FOREVER, Record::expire);
        if when != FOREVER {
            let entry = Entry { score: when as f64, id: place.number() };
            self.expires.remove(entry.id, &|e| (e.score, e.id) < (entry.score, entry.id));
        }
        when
    }

    /// Sets or clears the time when a key expires.
    pub fn set_expire(&mut self, key: &[u8], when: i64) {
        let Some(place) = self.find(key) else { return };
        self.forget_expiry(place);
        if let Some(record) = self.at_mut(place) {
            record.key.set_expire(when);
        }
        if when != FOREVER {
            self.note_expiry(place, when);
        }
    }

    /// The key that expires first, and when.
    pub fn first_to_expire(&self) -> Option<(i64, &[u8])> {
        self.volatile_from(0).next()
    }

    /// Keys that expire and when, in this order, from a rank on.
    pub fn volatile_from(&self, rank: usize) -> impl Iterator<Item = (i64, &[u8])> {
        self.expires.iter_from(rank, false).filter_map(|e| self.at(Place::of(e.id))).map(|r| (r.expire(), r.key()))
    }

    /// The mean time to live of keys that expire, from a sample.
    pub fn average_ttl(&self, now: i64) -> i64 {
        let add = |(sum, count): (i64, i64), (when, _): (i64, &[u8])| {
            (sum.saturating_add(when.saturating_sub(now).max(0)), count + 1)
        };
        let (sum, count) = self.volatile_from(0).take(20).fold((0, 0), add);
        if count == 0 { 0 } else { sum / count }
    }

    /// Hashes with fields that expire, by the time when the first does.
    pub fn fields_to_expire(&self) -> impl Iterator<Item = &(i64, Text)> {
        self.field_expires.iter()
    }

    /// The hash one of whose fields expires first, and when.
    pub fn first_field_to_expire(&self) -> Option<&(i64, Text)> {
        self.field_expires.first()
    }

    /// Brings the register of field expiry up to date after a hash changed.
    pub fn update_field_expiry(&mut self, key: &[u8], before: Option<i64>) {
        let after = match self.get(key).map(|r| &r.value) {
            Some(Value::Hash(hash)) => hash.next_expiry(),
            _ => None,
        };
        if before != after {
            let text = Text::new(key);
            if let Some(when) = before {
                self.field_expires.remove(&(when, text.clone()));
            }
            if let Some(when) = after {
                self.field_expires.insert((when, text));
            }
        }
    }

    /// Notes that a stream remembers what its producers sent.
    pub fn remember_producers(&mut self, key: &[u8]) {
        self.producers.insert(Text::new(key));
    }

    /// Lets streams forget what their producers sent long ago.
    pub fn forget_producers(&mut self, now: i64) {
        let mut producers = std::mem::take(&mut self.producers);
        producers.retain(|key| match self.get_mut(key).map(|r| &mut r.value) {
            Some(Value::Stream(stream)) => {
                stream.producers.expire(now);
                !stream.producers.by_name.is_empty()
            }
            _ => false,
        });
        self.producers = producers;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expiry_is_kept_in_step() {
        let mut db = Db::new(false);
        db.add(b"a", Value::Int(1), 0);
        db.set_expire(b"a", 50);
        db.set_expire(b"a", 40);
        assert_eq!(db.first_to_expire().map(|e| e.0), Some(40));
        db.remove(b"a");
        assert_eq!(db.volatile(), 0);
    }

    #[test]
    fn the_mean_of_times_without_end_is_one_too() {
        let mut db = Db::new(false);
        for key in [b"a", b"b"] {
            db.add(key, Value::Int(1), 0);
            db.set_expire(key, i64::MAX);
        }
        assert_eq!(db.average_ttl(0), i64::MAX / 2);
    }
}
