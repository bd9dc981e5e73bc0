//! Writing RDB: the encodings of values, and whole files.

use super::{crc64, lzf, rdb_stream, rdb_vectors};
use crate::data::listpack::Listpack;
use crate::data::set::View;
use crate::data::zset::ZSet;
use crate::keyspace::db::FOREVER;
use crate::keyspace::frozen::Budget;
use crate::keyspace::{Record, Value};

/// The version of the format.
pub const FORMAT: u16 = 13;

/// Numbers of types and markers.
#[allow(missing_docs)]
pub mod op {
    pub const STRING: u8 = 0;
    pub const LIST: u8 = 1;
    pub const SET: u8 = 2;
    pub const ZSET: u8 = 3;
    pub const HASH: u8 = 4;
    pub const ZSET_2: u8 = 5;
    pub const MODULE_OLD: u8 = 6;
    pub const HASH_ZIPMAP: u8 = 9;
    pub const LIST_ZIPLIST: u8 = 10;
    pub const SET_INTSET: u8 = 11;
    pub const ZSET_ZIPLIST: u8 = 12;
    pub const HASH_ZIPLIST: u8 = 13;
    pub const LIST_QUICKLIST: u8 = 14;
    pub const STREAM: u8 = 15;
    pub const HASH_LISTPACK: u8 = 16;
    pub const ZSET_LISTPACK: u8 = 17;
    pub const LIST_QUICKLIST_2: u8 = 18;
    pub const STREAM_2: u8 = 19;
    pub const SET_LISTPACK: u8 = 20;
    pub const STREAM_3: u8 = 21;
    /// As the release candidates of 7.4 wrote it: without the time at which the first field expires.
    pub const HASH_METADATA_OLD: u8 = 22;
    pub const HASH_LISTPACK_EX_OLD: u8 = 23;
    pub const HASH_METADATA: u8 = 24;
    pub const HASH_LISTPACK_EX: u8 = 25;
    pub const STREAM_4: u8 = 26;
    /// What a module keeps, with a mark before each part.
    pub const MODULE_2: u8 = 7;
    pub const KEY_META: u8 = 0xf3;
    pub const SLOT_INFO: u8 = 0xf4;
    pub const FUNCTION2: u8 = 0xf5;
    pub const FUNCTION_OLD: u8 = 0xf6;
    pub const MODULE_AUX: u8 = 0xf7;
    pub const FREQ: u8 = 0xf9;
    pub const IDLE: u8 = 0xf8;
    pub const AUX: u8 = 0xfa;
    pub const RESIZE_DB: u8 = 0xfb;
    pub const EXPIRE_MS: u8 = 0xfc;
    pub const EXPIRE: u8 = 0xfd;
    pub const SELECT_DB: u8 = 0xfe;
    pub const EOF: u8 = 0xff;
}

/// Marks before the parts of what a module keeps.
#[allow(missing_docs)]
pub mod part {
    pub const END: u64 = 0;
    pub const SIGNED: u64 = 1;
    pub const UNSIGNED: u64 = 2;
    pub const FLOAT: u64 = 3;
    pub const DOUBLE: u64 = 4;
    pub const STRING: u64 = 5;
}

/// Collects RDB bytes.
#[derive(Debug)]
pub struct Writer {
    /// The bytes so far.
    pub out: Vec<u8>,
    /// `rdbcompression`.
    pub compress: bool,
    lzf: lzf::Compressor,
}

impl Writer {
    /// Goes on after these bytes.
    pub fn new(out: Vec<u8>, compress: bool) -> Writer {
        Writer { out, compress, lzf: lzf::Compressor::default() }
    }

    /// A length.
    pub fn len(&mut self, n: u64) {
        match n {
            0..=63 => self.out.push(n as u8),
            64..=16_383 => self.out.extend_from_slice(&[0x40 | (n >> 8) as u8, n as u8]),
            16_384..=0xffff_ffff => {
                self.out.push(0x80);
                self.out.extend_from_slice(&(n as u32).to_be_bytes());
            }
            _ => {
                self.out.push(0x81);
                self.out.extend_from_slice(&n.to_be_bytes());
            }
        }
    }

    /// A string: as an integer, compressed, or as it is.
    pub fn string(&mut self, bytes: &[u8]) {
        if bytes.len() <= 11
            && let Some(n) = resp::parse_i64(bytes)
            && self.small_int(n)
        {
            return;
        }
        if self.compress
            && bytes.len() > 20
            && let Some(packed) = self.lzf.compress(bytes)
        {
            self.out.push(0xc3);
            self.len(packed.len() as u64);
            self.len(bytes.len() as u64);
            self.out.extend_from_slice(&packed);
            return;
        }
        self.len(bytes.len() as u64);
        self.out.extend_from_slice(bytes);
    }

    fn small_int(&mut self, n: i64) -> bool {
        if let Ok(n) = i8::try_from(n) {
            self.out.extend_from_slice(&[0xc0, n as u8]);
        } else if let Ok(n) = i16::try_from(n) {
            self.out.push(0xc1);
            self.out.extend_from_slice(&n.to_le_bytes());
        } else if let Ok(n) = i32::try_from(n) {
            self.out.push(0xc2);
            self.out.extend_from_slice(&n.to_le_bytes());
        } else {
            return false;
        }
        true
    }

    /// The number of a value's type and encoding.
    pub fn kind(value: &Value) -> u8 {
        match value {
            Value::Int(_) | Value::Str(_) | Value::Raw(_) => op::STRING,
            Value::List(_) => op::LIST_QUICKLIST_2,
            Value::Set(set) => match set.view() {
                View::Ints(_) => op::SET_INTSET,
                View::Pack(_) => op::SET_LISTPACK,
                View::Table(_) => op::SET,
            },
            Value::Hash(hash) => match hash.encoding() {
                "listpack" => op::HASH_LISTPACK,
                "listpackex" => op::HASH_LISTPACK_EX,
                _ if hash.has_ttls() => op::HASH_METADATA,
                _ => op::HASH,
            },
            Value::ZSet(zset) => match zset {
                ZSet::Pack(_) => op::ZSET_LISTPACK,
                ZSet::Skip(_) => op::ZSET_2,
            },
            Value::Stream(_) => op::STREAM_4,
            Value::Vectors(_) => op::MODULE_2,
        }
    }

    /// A value, without its type.
    pub fn value(&mut self, value: &Value) {
        self.value_head(value);
        self.items(value, 0, &mut Budget::all());
    }

    /// A value in one piece; of one that is written item by item (see [`Writer::items`]) what stands before them.
    fn value_head(&mut self, value: &Value) {
        match value {
            Value::Int(_) | Value::Str(_) | Value::Raw(_) => self.string(&value.bytes().unwrap_or_default()),
            Value::List(list) => self.len(list.nodes().count() as u64),
            Value::Set(set) => match set.view() {
                View::Ints(ints) => self.string(&ints.to_bytes()),
                View::Pack(pack) => self.string(&pack.to_bytes()),
                View::Table(_) => self.len(set.len() as u64),
            },
            Value::Hash(hash) => self.hash_head(hash),
            Value::ZSet(zset) => match zset {
                ZSet::Pack(pack) => self.string(&pack.to_bytes()),
                ZSet::Skip(_) => self.len(zset.len() as u64),
            },
            Value::Stream(stream) => self.len(stream.nodes().len() as u64),
            Value::Vectors(set) => rdb_vectors::head(self, set),
        }
    }

    /// Items of a value that is written item by item, from `from` on: as many as the budget allows, up to the one it
    /// gives. Nothing once all are written.
    pub(super) fn items(&mut self, value: &Value, from: usize, budget: &mut Budget) -> Option<usize> {
        match value {
            Value::List(list) => self.each(list.nodes().skip(from), from, budget, |w, (pack, plain)| {
                w.len(if plain { 1 } else { 2 });
                match pack.iter().next() {
                    Some(only) if plain => w.string(&only.bytes()),
                    _ => w.string(&pack.to_bytes()),
                }
            }),
            Value::Set(set) if matches!(set.view(), View::Table(_)) => {
                self.each(set.iter_from(from), from, budget, |w, member| w.string(&member))
            }
            Value::Hash(hash) if hash.pack().is_none() => {
                let earliest = hash.next_expiry();
                self.each(hash.iter_from(from), from, budget, |w, (field, value)| {
                    if let Some(earliest) = earliest {
                        w.len(hash.ttl(&field).map_or(0, |t| (t - earliest + 1) as u64));
                    }
                    w.string(&field);
                    w.string(&value);
                })
            }
            // From the greatest down.
            Value::ZSet(zset @ ZSet::Skip(skip)) if from < skip.len() => {
                self.each(zset.iter_from(skip.len() - 1 - from, true), from, budget, |w, (member, score)| {
                    w.string(&member);
                    w.out.extend_from_slice(&score.to_le_bytes());
                })
            }
            Value::Stream(stream) => self.each(rdb_stream::parts(stream).skip(from), from, budget, rdb_stream::write),
            Value::Vectors(set) => {
                let nodes = set.graph().nodes().skip(from);
                let next = self.each(nodes, from, budget, |w, (place, node)| rdb_vectors::write(w, set, place, node));
                if next.is_none() {
                    self.len(part::END);
                }
                next
            }
            _ => {
                budget.spend(value.free_effort());
                None
            }
        }
    }

    fn each<T>(
        &mut self,
        items: impl Iterator<Item = T>,
        from: usize,
        budget: &mut Budget,
        write: impl Fn(&mut Writer, T),
    ) -> Option<usize> {
        budget.each(self, items, from, |w| w.out.len(), write)
    }

    fn hash_head(&mut self, hash: &crate::data::hash::Hash) {
        let earliest = hash.next_expiry();
        let kept_as = hash.encoding();
        if earliest.is_some() || kept_as == "listpackex" {
            self.out.extend_from_slice(&earliest.unwrap_or(0).to_le_bytes());
        }
        match (hash.pack(), earliest) {
            (Some(pack), None) if kept_as == "listpack" => self.string(&pack.to_bytes()),
            (Some(_), _) => {
                // Fields by the time they expire, those that don't at the end.
                let mut fields: Vec<_> = hash.iter().map(|(f, v)| (hash.ttl(&f), f, v)).collect();
                fields.sort_by_key(|(ttl, ..)| ttl.unwrap_or(i64::MAX));
                let mut pack = Listpack::new();
                for (ttl, field, value) in fields {
                    pack.push(&field);
                    pack.push(&value);
                    pack.push(&resp::format_i64(ttl.unwrap_or(0)));
                }
                self.string(&pack.to_bytes());
            }
            (None, _) => self.len(hash.len() as u64),
        }
    }

    pub(super) fn aux(&mut self, name: &str, value: &[u8]) {
        self.out.push(op::AUX);
        self.string(name.as_bytes());
        self.string(value);
    }

    /// A key, when it expires, how it was used, and the value's head.
    pub(super) fn head(&mut self, record: &Record, lfu: bool, clock: u32, policy_keeps_use: bool) {
        if record.expire() != FOREVER {
            self.out.push(op::EXPIRE_MS);
            self.out.extend_from_slice(&record.expire().to_le_bytes());
        }
        if policy_keeps_use && lfu {
            self.out.extend_from_slice(&[op::FREQ, record.lru as u8]);
        } else if policy_keeps_use {
            self.out.push(op::IDLE);
            // Where it was used since the moment that the file is of, it was not idle.
            self.len(u64::from(clock.saturating_sub(record.lru)));
        }
        self.out.push(Writer::kind(&record.value));
        self.string(record.key());
        self.value_head(&record.value);
    }
}

/// A value as DUMP gives it: type, value, version, checksum.
pub fn dump(value: &Value) -> Vec<u8> {
    let mut writer = Writer::new(vec![Writer::kind(value)], true);
    writer.value(value);
    let mut out = writer.out;
    out.extend_from_slice(&FORMAT.to_le_bytes());
    let crc = crc64::update(0, &out);
    out.extend_from_slice(&crc.to_le_bytes());
    out
}

/// The same for somebody who trusts it: not compressed, no checksum.
pub(crate) fn dump_unchecked(value: &Value) -> Vec<u8> {
    let mut writer = Writer::new(vec![Writer::kind(value)], false);
    writer.value(value);
    let mut out = writer.out;
    out.extend_from_slice(&FORMAT.to_le_bytes());
    out.extend_from_slice(&[0; 8]);
    out
}
