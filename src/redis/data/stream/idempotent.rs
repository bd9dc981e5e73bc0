//! Idempotent producers: who sends an entry twice under the same name gets the first one's id.

use super::StreamId;
use super::shape::allocated;
use std::collections::{BTreeMap, VecDeque};

/// How many producers are looked at for an estimate.
const SAMPLE: usize = 16;

/// What one producer sent.
#[derive(Clone, Debug, Default)]
pub struct Producer {
    /// Names and entries, oldest first.
    sent: VecDeque<(Vec<u8>, StreamId)>,
    ids: BTreeMap<Vec<u8>, StreamId>,
}

impl Producer {
    /// How many names are remembered.
    pub fn len(&self) -> usize {
        self.sent.len()
    }

    /// Whether none are.
    pub fn is_empty(&self) -> bool {
        self.sent.is_empty()
    }

    /// Names and entries, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &(Vec<u8>, StreamId)> {
        self.sent.iter()
    }

    /// The entry sent under a name.
    pub fn get(&self, name: &[u8]) -> Option<StreamId> {
        self.ids.get(name).copied()
    }

    /// Remembers a name; false if it is known.
    pub fn insert(&mut self, name: &[u8], id: StreamId) -> bool {
        if self.ids.contains_key(name) {
            return false;
        }
        self.ids.insert(name.to_vec(), id);
        self.sent.push_back((name.to_vec(), id));
        true
    }

    fn forget_oldest(&mut self) {
        if let Some((name, _)) = self.sent.pop_front() {
            self.ids.remove(&name);
        }
    }
}

/// The producers of a stream.
#[derive(Clone, Debug)]
pub struct Producers {
    /// How long names are remembered, in seconds.
    pub duration: u64,
    /// How many names of a producer are remembered.
    pub most: u64,
    /// Producers by name.
    pub by_name: BTreeMap<Vec<u8>, Producer>,
    /// Names remembered since the beginning.
    pub added: u64,
    /// Entries that came twice.
    pub duplicates: u64,
}

impl Default for Producers {
    fn default() -> Producers {
        Producers { duration: 100, most: 100, by_name: BTreeMap::new(), added: 0, duplicates: 0 }
    }
}

impl Producers {
    /// How many names are remembered in all.
    pub fn names(&self) -> usize {
        self.by_name.values().map(Producer::len).sum()
    }

    /// Remembers that a producer sent an entry under a name that is not known yet.
    pub fn insert(&mut self, producer: &[u8], name: &[u8], id: StreamId) {
        let most = self.most;
        let producer = self.by_name.entry(producer.to_vec()).or_default();
        producer.insert(name, id);
        if producer.len() as u64 > most {
            producer.forget_oldest();
        }
        self.added = self.added.wrapping_add(1);
    }

    /// Forgets names of entries older than the duration.
    pub fn expire(&mut self, now_ms: i64) {
        let until = (now_ms as u64).wrapping_sub(self.duration.wrapping_mul(1000));
        self.by_name.retain(|_, producer| {
            while producer.sent.front().is_some_and(|(_, id)| id.ms <= until) {
                producer.forget_oldest();
            }
            !producer.is_empty()
        });
    }

    /// Bytes allocated, as Redis counts them; from a few producers where there are many.
    pub fn memory(&self) -> usize {
        let bytes = |p: &Producer| 24 + p.sent.iter().map(|(name, _)| allocated(32 + name.len())).sum::<usize>();
        let looked_at = self.by_name.len().min(SAMPLE);
        let sum: usize = self.by_name.values().take(looked_at).map(bytes).sum();
        sum * self.by_name.len() / looked_at.max(1)
    }
}

/// The name that IDMPAUTO gives an entry: a hash of its pairs, whatever their order.
pub fn name_of(pairs: &[&[u8]]) -> [u8; 16] {
    let (mut sum, mut xor) = ([0u64; 2], [0u64; 2]);
    let mut text = Vec::new();
    for pair in pairs.chunks_exact(2) {
        text.clear();
        text.extend_from_slice(pair[0]);
        text.extend_from_slice(&(pair[0].len() as u64).to_le_bytes());
        text.extend_from_slice(pair[1]);
        let hash = xxhash_rust::xxh3::xxh3_128(&text);
        for (n, part) in [hash as u64, (hash >> 64) as u64].into_iter().enumerate() {
            sum[n] = sum[n].wrapping_add(part);
            xor[n] ^= part;
        }
    }
    let low = sum[0] ^ xor[1].rotate_left(1);
    let high = sum[1] ^ xor[0].rotate_left(1);
    (u128::from(low) | (u128::from(high) << 64)).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_forgotten_by_age_and_number() {
        let mut all = Producers { duration: 1, most: 2, ..Producers::default() };
        for n in 1..=3u64 {
            all.insert(b"p", &[n as u8], StreamId::new(n * 1000, 0));
        }
        assert_eq!((all.names(), all.added), (2, 3));
        assert_eq!(all.by_name.get(b"p".as_slice()).and_then(|p| p.get(&[1])), None);
        all.expire(3000);
        assert_eq!(all.names(), 1);
        all.expire(9000);
        assert!(all.by_name.is_empty());
    }

    #[test]
    fn the_order_of_pairs_does_not_matter() {
        let one = name_of(&[b"a", b"1", b"b", b"2"]);
        assert_eq!(one, name_of(&[b"b", b"2", b"a", b"1"]));
        assert_ne!(one, name_of(&[b"a", b"2", b"b", b"1"]));
    }
}
