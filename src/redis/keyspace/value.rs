//! A value of any type.

use crate::data::cost;
use crate::data::hash::Hash;
use crate::data::list::List;
use crate::data::set::{Set, View};
use crate::data::stream::Stream;
use crate::data::text::Text;
use crate::data::vectors::VectorSet;
use crate::data::zset::ZSet;
use std::borrow::Cow;

/// The longest string that Redis keeps in one piece with its object.
pub const EMBSTR_MAX: usize = 44;

/// A value. 24 bytes, so that short strings and aggregates of a few short entries need no allocation at all.
#[derive(Clone, Debug)]
pub enum Value {
    /// A string that is a decimal integer.
    Int(i64),
    /// A string as it was set.
    Str(Text),
    /// A string that was changed in place.
    Raw(Box<Vec<u8>>),
    /// A list.
    List(List),
    /// A set.
    Set(Set),
    /// A hash.
    Hash(Hash),
    /// A sorted set.
    ZSet(ZSet),
    /// A stream.
    Stream(Box<Stream>),
    /// A vector set.
    Vectors(Box<VectorSet>),
}

/// The type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `string`
    Str,
    /// `list`
    List,
    /// `set`
    Set,
    /// `hash`
    Hash,
    /// `zset`
    ZSet,
    /// `stream`
    Stream,
    /// `vectorset`
    Vectors,
}

impl Kind {
    /// The name that TYPE gives.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Str => "string",
            Kind::List => "list",
            Kind::Set => "set",
            Kind::Hash => "hash",
            Kind::ZSet => "zset",
            Kind::Stream => "stream",
            Kind::Vectors => "vectorset",
        }
    }
}

impl Value {
    /// A string in its most compact form.
    pub fn string(bytes: &[u8]) -> Value {
        match if bytes.len() <= 20 { resp::parse_i64(bytes) } else { None } {
            Some(n) => Value::Int(n),
            None => Value::Str(Text::new(bytes)),
        }
    }

    /// A string in its most compact form, from bytes that can be kept.
    pub fn owned_string(bytes: Vec<u8>) -> Value {
        match if bytes.len() <= 20 { resp::parse_i64(&bytes) } else { None } {
            Some(n) => Value::Int(n),
            None => Value::Str(Text::from(bytes)),
        }
    }

    /// The type.
    pub fn kind(&self) -> Kind {
        match self {
            Value::Int(_) | Value::Str(_) | Value::Raw(_) => Kind::Str,
            Value::List(_) => Kind::List,
            Value::Set(_) => Kind::Set,
            Value::Hash(_) => Kind::Hash,
            Value::ZSet(_) => Kind::ZSet,
            Value::Stream(_) => Kind::Stream,
            Value::Vectors(_) => Kind::Vectors,
        }
    }

    /// The bytes of a string; nothing for the other types.
    pub fn bytes(&self) -> Option<Cow<'_, [u8]>> {
        match self {
            Value::Int(n) => Some(Cow::Owned(resp::format_i64(*n))),
            Value::Str(t) => Some(Cow::Borrowed(t)),
            Value::Raw(v) => Some(Cow::Borrowed(v)),
            _ => None,
        }
    }

    /// The first byte of what is in one piece, or 0.
    pub(super) fn first_byte(&self) -> u8 {
        let bytes = match self {
            Value::Str(text) => text.as_bytes(),
            Value::List(List::Pack(pack)) | Value::ZSet(ZSet::Pack(pack)) => pack.entries(),
            Value::Hash(hash) => hash.pack().map_or(&[][..], |pack| pack.entries()),
            Value::Set(set) => match set.view() {
                View::Pack(pack) => pack.entries(),
                _ => &[],
            },
            _ => &[],
        };
        bytes.first().copied().unwrap_or_default()
    }

    /// The length of a string.
    pub fn str_len(&self) -> usize {
        match self {
            Value::Int(n) => resp::format_i64(*n).len(),
            Value::Str(t) => t.len(),
            Value::Raw(v) => v.len(),
            _ => 0,
        }
    }

    /// The bytes of a string, to be changed in place.
    pub fn raw_mut(&mut self) -> Option<&mut Vec<u8>> {
        match self {
            Value::Int(_) | Value::Str(_) => {
                let bytes = self.bytes()?.into_owned();
                *self = Value::Raw(Box::new(bytes));
            }
            _ => {}
        }
        match self {
            Value::Raw(v) => Some(v),
            _ => None,
        }
    }

    /// The name that OBJECT ENCODING gives.
    pub fn encoding(&self) -> &'static str {
        match self {
            Value::Int(_) => "int",
            Value::Str(t) if t.len() <= EMBSTR_MAX => "embstr",
            Value::Str(_) | Value::Raw(_) => "raw",
            Value::List(l) => l.encoding(),
            Value::Set(s) => s.encoding(),
            Value::Hash(h) => h.encoding(),
            Value::ZSet(z) => z.encoding(),
            Value::Stream(_) => "stream",
            // What modules keep has no other name.
            Value::Vectors(_) => "raw",
        }
    }

    /// Bytes that the value takes beside its key's object, by the real server's measure; nothing for
    /// strings, which may lie in it.
    pub fn memory(&self) -> usize {
        match self {
            Value::Int(_) | Value::Str(_) | Value::Raw(_) => 0,
            Value::List(l) => l.memory(),
            Value::Set(s) => s.memory(),
            Value::Hash(h) => h.memory(),
            Value::ZSet(z) => z.memory(),
            Value::Stream(s) => s.memory(),
            Value::Vectors(set) => set.memory(),
        }
    }

    /// Bytes that the real server's allocator gives beyond [`Value::memory`], which counts what is in a small
    /// value's block, and the room that a stream keeps for its next entries.
    pub fn slack(&self) -> usize {
        const STREAM_ROOM: usize = 4096;
        let block = match self {
            Value::List(List::Pack(pack)) | Value::ZSet(ZSet::Pack(pack)) => pack.size(),
            Value::Hash(hash) => hash.pack().map_or(0, |pack| pack.size()),
            Value::Set(set) => match set.view() {
                View::Ints(ints) => ints.size(),
                View::Pack(pack) => pack.size(),
                View::Table(_) => 0,
            },
            Value::Stream(stream) => return STREAM_ROOM.saturating_sub(stream.last_node_size()),
            _ => 0,
        };
        if block == 0 { 0 } else { cost::allocated(block) - block }
    }

    /// How much work it is to give the value's memory back: 1 for everything in one piece.
    pub fn free_effort(&self) -> usize {
        match self {
            Value::List(l) if l.is_quick() => l.nodes().count(),
            Value::Set(s) => match s.view() {
                View::Table(d) => d.len(),
                _ => 1,
            },
            Value::Hash(h) if h.pack().is_none() => h.len(),
            Value::ZSet(z) => match z {
                ZSet::Skip(s) => s.len(),
                ZSet::Pack(_) => 1,
            },
            Value::Stream(s) => s.free_effort(),
            Value::Vectors(set) => set.len(),
            _ => 1,
        }
    }

    /// How many elements it has; 1 for a text.
    pub fn elements(&self) -> usize {
        match self {
            Value::Int(_) | Value::Str(_) | Value::Raw(_) => 1,
            Value::List(l) => l.len(),
            Value::Set(s) => s.len(),
            Value::Hash(h) => h.len(),
            Value::ZSet(z) => z.len(),
            Value::Stream(s) => usize::try_from(s.len()).unwrap_or(usize::MAX),
            Value::Vectors(set) => set.len(),
        }
    }

    /// Whether an aggregate has no elements left and its key must go (streams may be empty).
    pub fn is_empty_aggregate(&self) -> bool {
        match self {
            Value::List(l) => l.is_empty(),
            Value::Set(s) => s.is_empty(),
            Value::Hash(h) => h.is_empty(),
            Value::ZSet(z) => z.is_empty(),
            _ => false,
        }
    }
}

/// Bytes of key and value that fit into one object of 64 bytes beside its headers.
const EMBEDDED: usize = 41;

impl super::Record {
    /// The name that OBJECT ENCODING gives: a short string is embedded if it fits beside its key.
    pub fn encoding(&self) -> &'static str {
        match &self.value {
            Value::Str(text) if self.key().len() + text.len() > EMBEDDED => "raw",
            value => value.encoding(),
        }
    }
}

/// Makes room in a string that grows to so many bytes, as Redis does: what is needed in a new one, and in one that grows
/// as much again, up to a MiB more.
pub fn make_room(bytes: &mut Vec<u8>, len: usize) {
    const MOST: usize = 1 << 20;
    if len > bytes.capacity() {
        let spare = if bytes.capacity() == 0 { 0 } else { len.min(MOST) };
        bytes.reserve_exact(len - bytes.len() + spare);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_small() {
        assert_eq!(size_of::<Value>(), 24);
        assert_eq!(size_of::<super::super::Record>(), 56);
    }

    #[test]
    fn strings_take_the_encoding_that_redis_gives_them() {
        assert_eq!(Value::string(b"123").encoding(), "int");
        assert_eq!(Value::string(b"0123").encoding(), "embstr");
        assert_eq!(Value::string(&[b'x'; 44]).encoding(), "embstr");
        assert_eq!(Value::string(&[b'x'; 45]).encoding(), "raw");
        let mut v = Value::string(b"12");
        v.raw_mut().unwrap().push(b'3');
        assert_eq!((v.encoding(), v.bytes().unwrap().as_ref()), ("raw", b"123".as_slice()));
    }
}
