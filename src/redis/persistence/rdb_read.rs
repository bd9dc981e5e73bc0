//! Reading RDB. Everything from a file is checked; nothing panics.

use super::rdb_write::{FORMAT, op};
use super::{crc64, lzf, ziplist};
use crate::data::hash::Hash;
use crate::data::intset::{self, IntSet};
use crate::data::list::{End, Fill, List, Node};
use crate::data::listpack::Listpack;
use crate::data::set::Set;
use crate::data::text::Text;
use crate::data::zset::ZSet;
use crate::keyspace::Value;
use crate::server::{Hot, Server};

/// Reads RDB bytes.
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// The latest time (ms) at which a field of a hash may expire: `EB_EXPIRE_TIME_MAX` in Redis.
const LATEST_FIELD: i64 = (1 << 48) - 1;

/// A length, or the kind of a specially encoded string.
enum Length {
    Plain(u64),
    Special(u8),
}

impl<'a> Reader<'a> {
    /// Begins at the start.
    pub fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader { bytes, at: 0 }
    }

    /// How far it read.
    pub fn position(&self) -> usize {
        self.at
    }

    /// Some bytes.
    pub fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let part = self.bytes.get(self.at..self.at.checked_add(n)?)?;
        self.at += n;
        Some(part)
    }

    /// One byte.
    pub fn byte(&mut self) -> Option<u8> {
        Some(self.take(1)?[0])
    }

    /// Eight bytes as a number.
    pub fn le64(&mut self) -> Option<i64> {
        Some(i64::from_le_bytes(self.take(8)?.try_into().ok()?))
    }

    fn length(&mut self) -> Option<Length> {
        let first = self.byte()?;
        Some(match first >> 6 {
            0 => Length::Plain(u64::from(first & 63)),
            1 => Length::Plain(u64::from(first & 63) << 8 | u64::from(self.byte()?)),
            3 => Length::Special(first & 63),
            _ if first == 0x80 => Length::Plain(u64::from(u32::from_be_bytes(self.take(4)?.try_into().ok()?))),
            _ if first == 0x81 => Length::Plain(u64::from_be_bytes(self.take(8)?.try_into().ok()?)),
            _ => return None,
        })
    }

    /// A length.
    pub fn read_len(&mut self) -> Option<u64> {
        match self.length()? {
            Length::Plain(n) => Some(n),
            Length::Special(_) => None,
        }
    }

    /// A count of things that follow, each at least a byte.
    pub fn count(&mut self) -> Option<usize> {
        usize::try_from(self.read_len()?).ok().filter(|n| *n <= self.bytes.len() - self.at)
    }

    /// How many bytes have not been read.
    pub fn left(&self) -> usize {
        self.bytes.len().saturating_sub(self.at)
    }

    /// A string.
    pub fn string(&mut self) -> Option<Vec<u8>> {
        let number = |n: i64| Some(resp::format_i64(n));
        match self.length()? {
            Length::Plain(n) => self.take(usize::try_from(n).ok()?).map(<[u8]>::to_vec),
            Length::Special(0) => number(i64::from(self.byte()? as i8)),
            Length::Special(1) => number(i64::from(i16::from_le_bytes(self.take(2)?.try_into().ok()?))),
            Length::Special(2) => number(i64::from(i32::from_le_bytes(self.take(4)?.try_into().ok()?))),
            Length::Special(3) => {
                let (packed, len) = (usize::try_from(self.read_len()?).ok()?, usize::try_from(self.read_len()?).ok()?);
                lzf::decompress(self.take(packed)?, len)
            }
            Length::Special(_) => None,
        }
    }

    fn double(&mut self) -> Option<f64> {
        match self.byte()? {
            255 => Some(f64::NEG_INFINITY),
            254 => Some(f64::INFINITY),
            253 => Some(f64::NAN),
            n => std::str::from_utf8(self.take(usize::from(n))?).ok()?.parse().ok(),
        }
    }

    /// A listpack.
    pub fn pack(&mut self) -> Option<Listpack> {
        Listpack::from_bytes(&self.string()?)
    }

    /// A value of a type.
    pub fn value(&mut self, kind: u8, hot: &Hot) -> Option<Value> {
        let value = match kind {
            op::STRING => Value::owned_string(self.string()?),
            op::LIST | op::LIST_ZIPLIST | op::LIST_QUICKLIST | op::LIST_QUICKLIST_2 => {
                Value::List(self.list(kind, hot.fill)?)
            }
            op::SET | op::SET_INTSET | op::SET_LISTPACK => Value::Set(self.set(kind, hot)?),
            op::ZSET | op::ZSET_2 | op::ZSET_ZIPLIST | op::ZSET_LISTPACK => Value::ZSet(self.zset(kind, hot)?),
            op::HASH | op::HASH_ZIPLIST | op::HASH_LISTPACK | op::HASH_LISTPACK_EX | op::HASH_METADATA => {
                Value::Hash(self.hash(kind, hot)?)
            }
            op::STREAM | op::STREAM_2 | op::STREAM_3 | op::STREAM_4 => {
                Value::Stream(Box::new(super::rdb_stream::read(self, kind, hot.stream)?))
            }
            op::MODULE_2 => Value::Vectors(Box::new(super::rdb_vectors::read(self)?)),
            _ => return None,
        };
        Some(value)
    }

    fn list(&mut self, kind: u8, fill: Fill) -> Option<List> {
        let mut list = List::new();
        match kind {
            op::LIST => {
                for _ in 0..self.count()? {
                    let text = self.string()?;
                    list.will_grow(fill, &[&text]);
                    list.push(End::Right, &text, fill);
                }
            }
            op::LIST_ZIPLIST => {
                for text in ziplist::read(&self.string()?)? {
                    list.will_grow(fill, &[&text]);
                    list.push(End::Right, &text, fill);
                }
            }
            op::LIST_QUICKLIST => {
                for _ in 0..self.count()? {
                    for text in ziplist::read(&self.string()?)? {
                        list.will_grow(fill, &[&text]);
                        list.push(End::Right, &text, fill);
                    }
                }
            }
            _ => {
                let mut nodes = Vec::new();
                for _ in 0..self.count()? {
                    let plain = match self.read_len()? {
                        1 => true,
                        2 => false,
                        _ => return None,
                    };
                    let pack = if plain {
                        let mut pack = Listpack::new();
                        pack.push(&self.string()?);
                        pack
                    } else {
                        self.pack()?
                    };
                    nodes.push(Node { pack, plain });
                }
                list = List::from_nodes(nodes, false);
                list.did_change(fill);
            }
        }
        (!list.is_empty()).then_some(list)
    }

    fn set(&mut self, kind: u8, hot: &Hot) -> Option<Set> {
        let mut set = Set::new();
        match kind {
            op::SET_INTSET => {
                let ints = intset::from_bytes(&self.string()?)?;
                let fits = IntSet::new(&ints).len() <= hot.set.intset;
                set = Set::from_ints(ints);
                if fits {
                    return Some(set);
                }
                set.to_table();
            }
            op::SET_LISTPACK => {
                let pack = self.pack()?;
                for entry in pack.iter() {
                    if !set.insert(&entry.bytes(), crate::data::set::SetLimits { intset: 0, ..hot.set }) {
                        return None;
                    }
                }
            }
            _ => {
                for _ in 0..self.count()? {
                    if !set.insert(&self.string()?, hot.set) {
                        return None;
                    }
                }
            }
        }
        (!set.is_empty()).then_some(set)
    }

    fn zset(&mut self, kind: u8, hot: &Hot) -> Option<ZSet> {
        let mut zset = ZSet::new();
        let mut add =
            |member: &[u8], score: f64| (!score.is_nan() && zset.insert(member, score, hot.zset)).then_some(());
        match kind {
            op::ZSET_LISTPACK | op::ZSET_ZIPLIST => {
                let texts: Vec<Vec<u8>> = if kind == op::ZSET_ZIPLIST {
                    ziplist::read(&self.string()?)?
                } else {
                    self.pack()?.iter().map(|e| e.bytes().into_owned()).collect()
                };
                if !texts.len().is_multiple_of(2) {
                    return None;
                }
                for pair in texts.chunks_exact(2) {
                    add(&pair[0], crate::server::number::parse_double(&pair[1])?)?;
                }
            }
            _ => {
                for _ in 0..self.count()? {
                    let member = self.string()?;
                    let score = if kind == op::ZSET_2 {
                        f64::from_le_bytes(self.take(8)?.try_into().ok()?)
                    } else {
                        self.double()?
                    };
                    add(&member, score)?;
                }
            }
        }
        (!zset.is_empty()).then_some(zset)
    }

    /// A hash, with those of its fields too whose time is over: they go as they do in a server that runs.
    fn hash(&mut self, kind: u8, hot: &Hot) -> Option<Hash> {
        let earliest = if matches!(kind, op::HASH_LISTPACK_EX | op::HASH_METADATA) { self.le64()? } else { 0 };
        let mut fields: Vec<(Vec<u8>, Vec<u8>, i64)> = Vec::new();
        match kind {
            op::HASH | op::HASH_METADATA => {
                for _ in 0..self.count()? {
                    let ttl = match kind {
                        op::HASH_METADATA => match self.read_len()? {
                            0 => 0,
                            n => earliest.checked_add(i64::try_from(n).ok()?)? - 1,
                        },
                        _ => 0,
                    };
                    fields.push((self.string()?, self.string()?, ttl));
                }
            }
            _ => {
                let stride = if kind == op::HASH_LISTPACK_EX { 3 } else { 2 };
                let texts: Vec<Vec<u8>> = if kind == op::HASH_ZIPLIST {
                    ziplist::read(&self.string()?)?
                } else {
                    self.pack()?.iter().map(|e| e.bytes().into_owned()).collect()
                };
                if !texts.len().is_multiple_of(stride) {
                    return None;
                }
                for part in texts.chunks_exact(stride) {
                    let ttl = if stride == 3 { resp::parse_i64(&part[2])? } else { 0 };
                    fields.push((part[0].clone(), part[1].clone(), ttl));
                }
            }
        }
        let mut hash = Hash::new();
        if kind == op::HASH_LISTPACK_EX {
            hash.mark_ttl();
        }
        let total = fields.len();
        for (field, value, ttl) in fields {
            if !hash.set(&field, &value, hot.hash) {
                return None;
            }
            if !(0..=LATEST_FIELD).contains(&ttl) {
                return None;
            }
            if ttl != 0 {
                hash.set_ttl(&field, Some(ttl));
            }
        }
        (total > 0).then_some(hash)
    }
}

/// Reads a DUMP payload. `None` if its version or checksum is wrong, `Some(None)` if its data is bad.
/// The checksum counts unless `trusted`.
pub fn restore(payload: &[u8], hot: &Hot, trusted: bool) -> Option<Option<Value>> {
    let (data, tail) = payload.split_at_checked(payload.len().checked_sub(10)?)?;
    let version = u16::from_le_bytes([tail[0], tail[1]]);
    let crc = u64::from_le_bytes(tail[2..].try_into().ok()?);
    if version > FORMAT || (crc != 0 && !trusted && crc64::update(0, &payload[..payload.len() - 8]) != crc) {
        return None;
    }
    let mut reader = Reader::new(data);
    let value = reader.byte().and_then(|kind| reader.value(kind, hot));
    Some(value.filter(|_| reader.position() == data.len()))
}

/// What a file told beside its keys.
#[derive(Debug, Default)]
pub struct Loaded {
    /// Keys that were taken.
    pub keys: usize,
    /// Keys that had expired.
    pub expired: usize,
    /// Bytes of the file that belong to the snapshot.
    pub size: usize,
    /// Facts about the file.
    pub aux: Vec<(String, String)>,
}

impl Server {
    /// Fills the databases from the bytes of a file. `Err` says what is wrong.
    pub fn load_snapshot(&mut self, bytes: &[u8]) -> Result<Loaded, String> {
        let mut r = Reader::new(bytes);
        let magic = r.take(9).unwrap_or_default();
        if magic.len() < 9 {
            return Err(self.short_snapshot(0));
        }
        if &magic[..5] != b"REDIS" {
            return Err("Wrong signature trying to load DB from file".into());
        }
        let version: u16 = std::str::from_utf8(&magic[5..]).ok().and_then(|v| v.parse().ok()).unwrap_or(0);
        if !(1..=FORMAT).contains(&version) {
            return Err(format!("Can't handle RDB format version {version}"));
        }
        let loaded = self.load_records(&mut r, bytes);
        let mut loaded = loaded.ok_or_else(|| self.short_snapshot(r.position()))?;
        if version >= 5 {
            let end = r.position();
            let sum = r.take(8).and_then(|sum| sum.try_into().ok()).ok_or_else(|| self.short_snapshot(end))?;
            self.verify(bytes.get(..end).unwrap_or_default(), u64::from_le_bytes(sum))?;
        }
        loaded.size = r.position();
        Ok(loaded)
    }

    /// A file ends too early: the log's first line, and the second as the reason.
    fn short_snapshot(&mut self, read: usize) -> String {
        self.warn("Short read or OOM loading DB. Unrecoverable error, aborting now.");
        format!(
            "Internal error in RDB reading offset {read}, function at rdb.c:4061 -> Unexpected EOF reading RDB file"
        )
    }

    /// Whether a file has the checksum that stands behind it; 0 is none.
    fn verify(&mut self, bytes: &[u8], sum: u64) -> Result<(), String> {
        if self.debug.skip_checksum || !self.config.bool(crate::config::RDBCHECKSUM) {
            return Ok(());
        }
        if sum == 0 {
            self.notice("RDB file was saved with checksum disabled: no check performed.");
            return Ok(());
        }
        let expected = crc64::update(0, bytes);
        if expected == sum {
            return Ok(());
        }
        self.warn(&format!("Wrong RDB checksum expected: ({expected:x}) but got ({sum:x}). Aborting now."));
        let read = bytes.len() + 8;
        Err(format!("Internal error in RDB reading offset {read}, function at rdb.c:4039 -> RDB CRC error"))
    }

    fn load_records(&mut self, r: &mut Reader<'_>, bytes: &[u8]) -> Option<Loaded> {
        let mut loaded = Loaded::default();
        let (now, clock) = (self.now_ms, (self.now_ms / 1000) as u32);
        let (mut db, mut expire, mut used) = (0, None, None);
        loop {
            match r.byte()? {
                op::EXPIRE_MS => expire = Some(r.le64()?),
                op::EXPIRE => expire = Some(i64::from(i32::from_le_bytes(r.take(4)?.try_into().ok()?)) * 1000),
                op::FREQ => used = Some(u32::from(r.byte()?)),
                op::IDLE => used = Some(clock.wrapping_sub(r.read_len()? as u32)),
                op::SELECT_DB => db = usize::try_from(r.read_len()?).ok().filter(|n| *n < self.dbs.len())?,
                op::RESIZE_DB => {
                    let n = r.read_len()?;
                    r.read_len()?;
                    self.dbs[db].reserve(usize::try_from(n).ok()?.min(bytes.len()));
                }
                op::SLOT_INFO => {
                    for _ in 0..3 {
                        r.read_len()?;
                    }
                }
                op::AUX => {
                    let (name, value) = (r.string()?, r.string()?);
                    let text = |b: &[u8]| String::from_utf8_lossy(b).into_owned();
                    loaded.aux.push((text(&name), text(&value)));
                }
                op::FUNCTION2 => {
                    let text = r.string()?;
                    let replace = self.persist.merging;
                    if let Err(problem) = self.load_library(&text, replace, false) {
                        let problem = String::from_utf8_lossy(&problem).into_owned();
                        self.warn(&format!("Failed loading function library: {problem}"));
                        return None;
                    }
                }
                op::EOF => break,
                kind => {
                    let key = r.string()?;
                    let value = r.value(kind, &self.hot.clone())?;
                    let gone = expire.is_some_and(|e| e < now) && !self.repl.is_replica() || value.is_empty_aggregate();
                    if gone {
                        loaded.expired += 1;
                    } else {
                        if self.dbs[db].get(&key).is_some() {
                            if !self.persist.merging {
                                return None;
                            }
                            self.dbs[db].remove(&key);
                        }
                        self.load_record(db, &key, value, expire, used);
                        loaded.keys += 1;
                    }
                    expire = None;
                    used = None;
                }
            }
        }
        Some(loaded)
    }

    fn load_record(&mut self, db: usize, key: &[u8], value: Value, expire: Option<i64>, used: Option<u32>) {
        let lru = used.unwrap_or((self.now_ms / 1000) as u32);
        self.dbs[db].add(&Text::new(key), value, lru);
        self.dbs[db].update_field_expiry(key, None);
        if let Some(when) = expire {
            self.dbs[db].set_expire(key, when);
        }
    }
}
