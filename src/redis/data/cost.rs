//! What things cost the real server in memory. `used_memory` and MEMORY USAGE tell what Redis 8.6 with
//! jemalloc would need for the same data, not what this engine needs: learners compare the figures
//! with those of real servers. Constants were fitted to figures of redis-server 8.6.3.

use crate::data::text::Text;

/// The bytes that an allocation of a size takes: jemalloc's size classes, whole pages when large.
pub fn allocated(size: usize) -> usize {
    match size {
        0..=8 => 8,
        9..=128 => size.next_multiple_of(16),
        129..=16_384 => size.next_multiple_of(size.next_power_of_two() / 8),
        _ => size.next_multiple_of(4096),
    }
}

/// A string of so many bytes with its header and its final zero.
pub fn sds(len: usize) -> usize {
    len + match len {
        0..=31 => 2,
        32..=255 => 4,
        256..=65_535 => 6,
        _ => 10,
    }
}

/// What beside their items hash tables cost, by the number of items: buckets, and links where several
/// items share one.
pub fn table(items: usize) -> usize {
    const LINKS: usize = 5;
    if items == 0 { 0 } else { 8 * items.next_power_of_two().max(4) + LINKS * items }
}

/// What holds the tables of a database, be they one or one per slot.
const STORE: usize = 216;

/// A database's tables of keys: so many of them, with so many keys and buckets in all.
pub fn keys_table(dicts: usize, keys: usize, buckets: usize) -> usize {
    const DICT: usize = 2496;
    const ENTRY: usize = 32;
    STORE + dicts * DICT + keys * ENTRY + buckets * 8
}

/// A database's tables of times to live, where its keys are in so many tables.
pub fn expires_table(dicts: usize, keys: usize) -> usize {
    const DICT: usize = 64;
    const ENTRY: usize = 16;
    let dicts = dicts.min(keys);
    let buckets = if keys == 0 { 0 } else { keys.next_power_of_two().max(4 * dicts) };
    STORE + dicts * DICT + keys * ENTRY + buckets * 8
}

/// A member of a set.
pub fn set_member(text: &Text) -> usize {
    allocated(sds(text.len()))
}

/// A field of a hash with its value.
pub fn field(name: &Text, value: &Text) -> usize {
    allocated(name.len() + value.len() + 6)
}

/// A member of a sorted set: a node of the skip list with a third of a level beyond the first.
pub fn ranked_member(name: &Text) -> usize {
    allocated(32 + sds(name.len())) + 5
}

/// The longest key and value that lie in one piece with their object.
const EMBEDDED: usize = 72;
const OBJECT: usize = 16;

/// The object of a key of so many bytes: with the time when it expires, and with a string value of so
/// many bytes that may lie in it, if it holds one.
pub fn object(key: usize, expires: bool, string: Option<usize>) -> usize {
    let own = OBJECT + if expires { 8 } else { 0 } + 1 + sds(key);
    match string {
        // Such a string has the longer form of a header.
        Some(len) if len <= crate::keyspace::value::EMBSTR_MAX && own + len + 4 <= EMBEDDED => allocated(own + len + 4),
        Some(len) => allocated(own) + allocated(sds(len)),
        None => allocated(own),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_those_of_the_real_server() {
        assert_eq!([1, 9, 100, 129, 500, 1025, 20_000].map(allocated), [8, 16, 112, 160, 512, 1280, 20_480]);
        // SET K with values of these lengths, MEMORY USAGE K.
        assert_eq!([1, 10, 30, 44, 100, 1000].map(|n| object(1, false, Some(n))), [32, 48, 64, 80, 144, 1056]);
        assert_eq!(object(1, true, Some(1)), 48);
        // MEMORY STATS of one table with 1, 5 and 1000 keys, and of three slots' with one each.
        assert_eq!([(1, 4), (5, 8), (1000, 1024)].map(|(n, b)| keys_table(1, n, b)), [2776, 2936, 42_904]);
        assert_eq!(keys_table(3, 3, 12), 7896);
        assert_eq!([0, 1, 5, 1000].map(|n| expires_table(1, n)), [216, 328, 424, 24_472]);
        assert_eq!(object(1, false, None), 32);
    }
}
