//! What was deleted and is large: its memory is given back in slices, so that no command waits for that.

use super::db::Record;
use super::value::Value;
use crate::data::dict::Dict;
use crate::data::tree::Tree;
use crate::data::zset::ZSet;

/// Values of fewer pieces are given back at once.
const SMALL: usize = 1024;

/// Large values and tables that nobody uses any more.
#[derive(Debug, Default)]
pub struct Trash {
    values: Vec<Value>,
    tables: Vec<Dict<Record>>,
    trees: Vec<Tree>,
}

impl Trash {
    /// Takes a value whose key is gone.
    pub fn add(&mut self, value: Value) {
        if value.free_effort() > SMALL {
            self.values.push(value);
        }
    }

    /// Takes the keys of a database that was emptied.
    pub fn add_keys(&mut self, tables: impl Iterator<Item = Dict<Record>>, expires: Tree) {
        self.tables.extend(tables);
        self.trees.push(expires);
    }

    /// Whether there is nothing to be given back.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty() && self.tables.is_empty() && self.trees.is_empty()
    }

    /// How many keys and values wait.
    pub fn len(&self) -> usize {
        self.values.len() + self.tables.iter().map(Dict::len).sum::<usize>()
    }

    /// Gives back a slice of about so many pieces.
    pub fn free(&mut self, pieces: usize) {
        let mut left = pieces;
        while left > 0 && !self.is_empty() {
            left = left.saturating_sub(self.free_some().max(1));
        }
    }

    /// Gives back some pieces; how many.
    fn free_some(&mut self) -> usize {
        if let Some(value) = self.values.last_mut() {
            let freed = shed(value);
            if freed == 0 {
                self.values.pop();
            }
            return freed;
        }
        if let Some(table) = self.tables.last_mut() {
            let chunk = table.shed();
            let freed = chunk.len();
            if freed == 0 {
                self.tables.pop();
            }
            for record in chunk {
                self.add(record.value);
            }
            return freed;
        }
        match self.trees.last_mut() {
            Some(tree) => {
                let freed = tree.shed();
                if freed == 0 {
                    self.trees.pop();
                }
                freed
            }
            None => 0,
        }
    }
}

/// Takes pieces off a value, which is of no use then; 0 where all that is left can go at once.
fn shed(value: &mut Value) -> usize {
    match value {
        Value::List(list) => list.shed(),
        Value::Hash(hash) => hash.shed(),
        Value::Set(set) => set.shed(),
        Value::ZSet(zset) => match zset {
            ZSet::Skip(ranked) => ranked.shed(),
            ZSet::Pack(_) => 0,
        },
        Value::Stream(stream) => stream.shed(),
        Value::Vectors(set) => set.shed(),
        Value::Int(_) | Value::Str(_) | Value::Raw(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::hash::{Hash, HashLimits};
    use crate::data::list::{End, Fill, List};
    use crate::data::set::Set;
    use crate::data::stream::{Group, Stream, StreamId, StreamLimits};
    use crate::data::zset::ZLimits;
    use crate::keyspace::Db;

    const MANY: usize = 20_000;

    fn large_values() -> Vec<Value> {
        let (mut list, mut hash, mut zset) = (List::new(), Hash::new(), ZSet::new());
        let mut set = Set::new();
        let fill = Fill { limit: 1, packed: 0 };
        let limits = crate::data::set::SetLimits { intset: 0, pack: 0, value: 0 };
        for n in 0..MANY {
            let text = n.to_string().into_bytes();
            list.will_grow(fill, &[&text]);
            list.push(End::Right, &text, fill);
            hash.set(&text, &text, HashLimits { entries: 0, value: 0 });
            hash.set_ttl(&text, Some(n as i64));
            zset.insert(&text, n as f64, ZLimits { entries: 0, value: 0 });
            set.insert(&text, limits);
        }
        vec![
            Value::List(list),
            Value::Hash(hash),
            Value::ZSet(zset),
            Value::Set(set),
            Value::Stream(Box::new(stream())),
        ]
    }

    /// A stream with one entry, which many have read and nobody has acknowledged.
    fn stream() -> Stream {
        let limits = StreamLimits { bytes: 0, entries: 0, duration: 100, most: 100 };
        let (mut stream, mut group) = (Stream::new(limits), Group::new(StreamId::MIN, None));
        stream.append(StreamId::new(1, 0), &[b"f", b"v"], limits);
        for n in 0..MANY as u64 {
            let (consumer, _) = group.consumer_or_new(&(n % 10).to_be_bytes(), 0);
            group.assign(StreamId::new(n, 1), consumer, 0, 1);
        }
        stream.groups.insert(b"g".to_vec(), group);
        stream
    }

    #[test]
    fn large_values_go_in_slices() {
        for value in large_values() {
            let (name, mut trash, mut slices) = (value.kind(), Trash::default(), 0);
            trash.add(value);
            while !trash.is_empty() {
                trash.free(1000);
                slices += 1;
            }
            assert!((8..100).contains(&slices), "{name:?}: {slices}");
        }
    }

    #[test]
    fn a_database_goes_in_slices_with_what_is_in_it() {
        let mut db = Db::new(false);
        for n in 0..MANY {
            let key = n.to_string().into_bytes();
            db.add(&key, Value::Int(1), 0);
            db.set_expire(&key, 1000);
        }
        for (n, value) in large_values().into_iter().enumerate() {
            db.add(&[b'v', n as u8], value, 0);
        }
        let (mut trash, mut slices) = (Trash::default(), 0);
        db.clear(&mut trash);
        assert!(db.is_empty() && db.volatile() == 0 && trash.len() == MANY + 5);
        while !trash.is_empty() {
            trash.free(1000);
            slices += 1;
        }
        assert!(slices > 60, "{slices}");
        trash.add(Value::Int(1));
        assert!(trash.is_empty());
    }
}
