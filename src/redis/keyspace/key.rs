//! The key of a record, and when it expires: most keys do not, and then that takes no memory.

use crate::data::block::Block;

/// No expiry.
pub const FOREVER: i64 = -1;

/// How many bytes fit without an allocation of their own, where the key does not expire.
const HERE: usize = 22;

/// A key, of 24 bytes.
#[derive(Clone, Debug)]
pub enum Key {
    /// A short one.
    Here(u8, [u8; HERE]),
    /// A longer one.
    Long(Box<[u8]>),
    /// One that expires, and when, in Unix milliseconds.
    Timed(Block, i64),
}

impl Key {
    /// A key of these bytes that does not expire.
    pub fn new(bytes: &[u8]) -> Key {
        let mut here = [0; HERE];
        match here.get_mut(..bytes.len()) {
            Some(place) => {
                place.copy_from_slice(bytes);
                Key::Here(bytes.len() as u8, here)
            }
            None => Key::Long(bytes.into()),
        }
    }

    /// The bytes.
    #[inline]
    pub fn bytes(&self) -> &[u8] {
        match self {
            Key::Here(len, bytes) => bytes.get(..usize::from(*len)).unwrap_or_default(),
            _ => self.other_bytes(),
        }
    }

    /// Those of the other forms: not repeated wherever a key is looked at.
    #[inline(never)]
    fn other_bytes(&self) -> &[u8] {
        match self {
            Key::Here(..) => &[],
            Key::Long(bytes) => bytes,
            Key::Timed(block, _) => block.bytes(),
        }
    }

    /// When it expires, in Unix milliseconds, or [`FOREVER`].
    #[inline]
    pub fn expire(&self) -> i64 {
        match self {
            Key::Timed(_, when) => *when,
            _ => FOREVER,
        }
    }

    /// Sets or clears when it expires.
    pub fn set_expire(&mut self, when: i64) {
        match self {
            Key::Timed(_, old) if when != FOREVER => *old = when,
            _ if when == self.expire() => {}
            _ if when == FOREVER => *self = Key::new(self.bytes()),
            _ => *self = Key::Timed(Block::of(self.bytes(), 0), when),
        }
    }

    /// Bytes allocated outside the key itself, about.
    pub fn heap_size(&self) -> usize {
        match self.bytes().len() {
            ..=HERE => 0,
            len => len + 8,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_its_bytes_whether_it_expires_or_not() {
        assert_eq!(size_of::<Key>(), 24);
        for len in [0, 1, 14, 15, 22, 23, 24, 25, 300] {
            let bytes = vec![b'k'; len];
            let mut key = Key::new(&bytes);
            for when in [FOREVER, 5, 5, 7, FOREVER, FOREVER, 0] {
                key.set_expire(when);
                assert_eq!((key.bytes(), key.expire()), (bytes.as_slice(), when));
            }
        }
    }
}
