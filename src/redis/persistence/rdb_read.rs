//! Reading RDB. Everything from a file is checked; nothing panics.

use super::rdb_write::{FORMAT, op};
use super::{crc64, lzf, ziplist, zipmap};
use crate::data::hash::Hash;
use crate::data::intset::{self, IntSet};
use crate::data::list::{End, Fill, List, Node};
use crate::data::listpack::Listpack;
use crate::data::set::Set;
use crate::data::zset::ZSet;
use crate::keyspace::Value;
use crate::server::Hot;

/// What is wrong with the content of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The line of Redis's `rdb.c` that says so.
    pub line: u32,
    /// What.
    pub reason: String,
}

impl Fault {
    /// As Redis logs it; `read`: bytes of the file that were noted as loaded so far.
    pub fn text(&self, read: usize) -> String {
        format!("Internal error in RDB reading offset {read}, function at rdb.c:{} -> {}", self.line, self.reason)
    }
}

/// Reads RDB bytes.
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    /// What was found wrong first. Where nothing is noted, the bytes just end too early.
    pub fault: Option<Fault>,
    /// What was not read is an aggregate without elements.
    pub empty: bool,
}

/// The latest time (ms) at which a field of a hash may expire: `EB_EXPIRE_TIME_MAX` in Redis.
const LATEST_FIELD: u64 = (1 << 48) - 1;

/// A length, or the kind of a specially encoded string.
enum Length {
    Plain(u64),
    Special(u8),
}

impl<'a> Reader<'a> {
    /// Goes on at a place.
    pub(super) fn at(bytes: &'a [u8], at: usize) -> Reader<'a> {
        Reader { at, ..Reader::new(bytes) }
    }

    /// Begins at the start.
    pub fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader { bytes, at: 0, fault: None, empty: false }
    }

    /// Notes what is wrong, unless something is already.
    pub(super) fn blame<T>(&mut self, line: u32, reason: &str) -> Option<T> {
        self.fault.get_or_insert_with(|| Fault { line, reason: reason.to_owned() });
        None
    }

    /// What was read; where it was not, that is what is wrong.
    pub(super) fn or_blame<T>(&mut self, read: Option<T>, line: u32, reason: &str) -> Option<T> {
        if read.is_some() { read } else { self.blame(line, reason) }
    }

    /// A value with something in it.
    fn filled<T>(&mut self, value: T, filled: bool) -> Option<T> {
        self.empty |= !filled;
        filled.then_some(value)
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
            kind => return self.blame(231, &format!("Unknown length encoding {kind} in rdbLoadLen()")),
        })
    }

    /// A length.
    pub fn read_len(&mut self) -> Option<u64> {
        match self.length()? {
            Length::Plain(n) => Some(n),
            Length::Special(_) => None,
        }
    }

    /// A length, or the kind of a string as a number: modules' values are not looked at any closer.
    pub(super) fn raw_len(&mut self) -> Option<u64> {
        Some(match self.length()? {
            Length::Plain(n) => n,
            Length::Special(kind) => u64::from(kind),
        })
    }

    /// A count of things that follow, each at least a byte. It may lie: whoever reads that many comes to the end first.
    pub fn count(&mut self) -> Option<usize> {
        usize::try_from(self.read_len()?).ok()
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
                let text = lzf::decompress(self.take(packed)?, len);
                self.or_blame(text, 420, "Invalid LZF compressed string")
            }
            Length::Special(kind) => self.blame(537, &format!("Unknown RDB string encoding type {kind}")),
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

    /// A listpack, and what is wrong where it is none.
    pub(super) fn pack(&mut self, line: u32, reason: &str) -> Option<Listpack> {
        let bytes = self.string()?;
        self.or_blame(Listpack::from_bytes(&bytes), line, reason)
    }

    /// The texts of a ziplist, and what is wrong where it is none.
    fn ziplist(&mut self, line: u32, reason: &str) -> Option<Vec<Vec<u8>>> {
        let bytes = self.string()?;
        self.or_blame(ziplist::read(&bytes), line, reason)
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
            op::HASH
            | op::HASH_ZIPMAP
            | op::HASH_ZIPLIST
            | op::HASH_LISTPACK
            | op::HASH_METADATA_OLD..=op::HASH_LISTPACK_EX => Value::Hash(self.hash(kind, hot)?),
            op::STREAM | op::STREAM_2 | op::STREAM_3 | op::STREAM_4 => {
                Value::Stream(Box::new(super::rdb_stream::read(self, kind, hot.stream)?))
            }
            op::MODULE_2 => Value::Vectors(Box::new(super::rdb_modules::read(self)?)),
            op::MODULE_OLD => return self.blame(3416, "Pre-release module format not supported"),
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
                for text in self.ziplist(2872, "List ziplist integrity check failed.")? {
                    list.will_grow(fill, &[&text]);
                    list.push(End::Right, &text, fill);
                }
            }
            op::LIST_QUICKLIST => {
                for _ in 0..self.count()? {
                    for text in self.ziplist(2746, "Ziplist integrity check failed.")? {
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
                        _ => return self.blame(2713, "Quicklist integrity check failed."),
                    };
                    let pack = if plain {
                        let mut pack = Listpack::new();
                        pack.push(&self.string()?);
                        pack
                    } else {
                        self.pack(2736, "Listpack integrity check failed.")?
                    };
                    nodes.push(Node { pack, plain });
                }
                list = List::from_nodes(nodes, false);
                list.did_change(fill);
            }
        }
        let filled = !list.is_empty();
        self.filled(list, filled)
    }

    fn set(&mut self, kind: u8, hot: &Hot) -> Option<Set> {
        let mut set = Set::new();
        match kind {
            op::SET_INTSET => {
                let bytes = self.string()?;
                let ints = self.or_blame(intset::from_bytes(&bytes), 2897, "Intset integrity check failed.")?;
                let fits = IntSet::new(&ints).len() <= hot.set.intset;
                set = Set::from_ints(ints);
                if fits {
                    return Some(set);
                }
                set.to_table();
            }
            op::SET_LISTPACK => {
                const BAD: &str = "Set listpack integrity check failed.";
                let pack = self.pack(2911, BAD)?;
                for entry in pack.iter() {
                    if !set.insert(&entry.bytes(), crate::data::set::SetLimits { intset: 0, ..hot.set }) {
                        return self.blame(2911, BAD);
                    }
                }
            }
            _ => {
                for _ in 0..self.count()? {
                    if !set.insert(&self.string()?, hot.set) {
                        let line = match set.encoding() {
                            "intset" => 2262,
                            "listpack" => 2292,
                            _ => 2311,
                        };
                        return self.blame(line, "Duplicate set members detected");
                    }
                }
            }
        }
        let filled = !set.is_empty();
        self.filled(set, filled)
    }

    fn zset(&mut self, kind: u8, hot: &Hot) -> Option<ZSet> {
        let mut zset = ZSet::new();
        match kind {
            op::ZSET_LISTPACK | op::ZSET_ZIPLIST => {
                let (line, bad) = match kind {
                    op::ZSET_ZIPLIST => (2933, "Zset ziplist integrity check failed."),
                    _ => (2959, "Zset listpack integrity check failed."),
                };
                let texts = self.texts(kind == op::ZSET_ZIPLIST, line, bad)?;
                let mut add = |pair: &[Vec<u8>]| {
                    let score = crate::server::number::parse_double(pair.get(1)?).filter(|score| !score.is_nan())?;
                    zset.insert(&pair[0], score, hot.zset).then_some(())
                };
                let added = texts.chunks(2).try_for_each(&mut add);
                self.or_blame(added, line, bad)?;
            }
            _ => {
                // A negative zero is no more than 0 in a listpack: what is too large for one must not begin as one.
                zset.to_skiplist();
                for _ in 0..self.count()? {
                    let member = self.string()?;
                    let score = if kind == op::ZSET_2 {
                        f64::from_le_bytes(self.take(8)?.try_into().ok()?)
                    } else {
                        self.double()?
                    };
                    if score.is_nan() {
                        return self.blame(2365, "Zset with NAN score detected");
                    }
                    if !zset.insert(&member, score, hot.zset) {
                        return self.blame(2377, "Duplicate zset fields detected");
                    }
                }
                zset.compact(hot.zset);
            }
        }
        let filled = !zset.is_empty();
        self.filled(zset, filled)
    }

    /// The texts of a ziplist or a listpack.
    fn texts(&mut self, old: bool, line: u32, reason: &str) -> Option<Vec<Vec<u8>>> {
        if old {
            return self.ziplist(line, reason);
        }
        Some(self.pack(line, reason)?.iter().map(|e| e.bytes().into_owned()).collect())
    }

    /// A hash, with those of its fields too whose time is over: they go as they do in a server that runs.
    fn hash(&mut self, kind: u8, hot: &Hot) -> Option<Hash> {
        match kind {
            op::HASH | op::HASH_METADATA | op::HASH_METADATA_OLD => self.hash_of_pairs(kind, hot),
            op::HASH_ZIPMAP => self.zipmap(hot),
            _ => self.packed_hash(kind, hot),
        }
    }

    fn zipmap(&mut self, hot: &Hot) -> Option<Hash> {
        let bytes = self.string()?;
        let pairs = self.or_blame(zipmap::read(&bytes), 2813, "Zipmap integrity check failed.")?;
        let mut hash = Hash::new();
        for (field, value) in pairs {
            if !hash.set(field, value, hot.hash) {
                let text = format!("Hash zipmap with dup elements, or big length ({})", field.len());
                return self.blame(2837, &text);
            }
        }
        Some(hash)
    }

    fn hash_of_pairs(&mut self, kind: u8, hot: &Hot) -> Option<Hash> {
        let with_times = kind != op::HASH;
        // Times are told from the first one on; where that is not told, they are whole.
        let mut earliest = 1;
        if kind == op::HASH_METADATA {
            let read = self.le64();
            earliest = self.or_blame(read, 2542, "Hash failed loading minExpire")?;
        }
        let mut hash = Hash::new();
        let count = self.count()?;
        for _ in 0..count {
            let ttl = match with_times {
                true => self.read_len()?,
                false => 0,
            };
            let when = if ttl == 0 { 0 } else { ttl.wrapping_add(earliest as u64).wrapping_sub(1) };
            if when > LATEST_FIELD {
                return self.blame(2595, &format!("invalid expireAt time: {when}"));
            }
            let (field, value) = (self.string()?, self.string()?);
            let small = count <= hot.hash.entries && hash.encoding() != "hashtable";
            if !hash.set(&field, &value, hot.hash) {
                return match (with_times, small) {
                    (false, true) => self.blame(2443, "Hash with dup elements"),
                    (true, true) => self.blame(2639, "Hash with dup elements"),
                    (false, false) => self.blame(2516, "Duplicate hash fields detected"),
                    (true, false) => self.blame(2685, "Duplicate hash fields detected"),
                };
            }
            if when != 0 {
                hash.set_ttl(&field, i64::try_from(when).ok());
            }
        }
        self.filled(hash, count > 0)
    }

    fn packed_hash(&mut self, kind: u8, hot: &Hot) -> Option<Hash> {
        let with_times = matches!(kind, op::HASH_LISTPACK_EX | op::HASH_LISTPACK_EX_OLD);
        let (stride, mut hash) = (if with_times { 3 } else { 2 }, Hash::new());
        if with_times {
            hash.mark_ttl();
        }
        if kind == op::HASH_LISTPACK_EX {
            let earliest = self.le64();
            self.or_blame(earliest, 2791, "Short read of listpackex min expiration time.")?;
        }
        let (line, bad) = match kind {
            op::HASH_ZIPLIST => (2979, "Hash ziplist integrity check failed."),
            _ => (3024, "Hash listpack integrity check failed."),
        };
        let texts = self.texts(kind == op::HASH_ZIPLIST, line, bad)?;
        let mut add = |part: &[Vec<u8>]| {
            let (field, value) = (part.first()?, part.get(1)?);
            let ttl = match stride {
                3 => resp::parse_i64(part.get(2)?).filter(|ttl| (0..=LATEST_FIELD as i64).contains(ttl))?,
                _ => 0,
            };
            hash.set(field, value, hot.hash).then_some(())?;
            if ttl != 0 {
                hash.set_ttl(field, Some(ttl));
            }
            Some(())
        };
        let added = texts.chunks(stride).try_for_each(&mut add);
        self.or_blame(added, line, bad)?;
        self.filled(hash, !texts.is_empty())
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
