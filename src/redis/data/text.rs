//! Byte strings that keep short contents in place.

use std::fmt;

/// How many bytes fit without an allocation of their own.
const INLINE: usize = 22;

/// An immutable byte string of 24 bytes that holds up to 22 bytes inline.
#[derive(Clone)]
pub enum Text {
    /// Short contents.
    Inline(u8, [u8; INLINE]),
    /// Longer contents.
    Heap(Box<[u8]>),
}

impl Text {
    /// A copy of `bytes`.
    pub fn new(bytes: &[u8]) -> Text {
        if bytes.len() <= INLINE {
            let mut buf = [0; INLINE];
            buf[..bytes.len()].copy_from_slice(bytes);
            Text::Inline(bytes.len() as u8, buf)
        } else {
            Text::Heap(bytes.into())
        }
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Text::Inline(len, buf) => buf.get(..usize::from(*len)).unwrap_or_default(),
            Text::Heap(bytes) => bytes,
        }
    }

    /// Bytes allocated outside the value itself.
    pub fn heap_size(&self) -> usize {
        match self {
            Text::Inline(..) => 0,
            Text::Heap(bytes) => bytes.len() + 8,
        }
    }
}

impl std::ops::Deref for Text {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl From<&[u8]> for Text {
    fn from(bytes: &[u8]) -> Text {
        Text::new(bytes)
    }
}

impl From<Vec<u8>> for Text {
    fn from(bytes: Vec<u8>) -> Text {
        if bytes.len() <= INLINE { Text::new(&bytes) } else { Text::Heap(bytes.into_boxed_slice()) }
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Text) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for Text {}

impl PartialOrd for Text {
    fn partial_cmp(&self, other: &Text) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Text {
    fn cmp(&self, other: &Text) -> std::cmp::Ordering {
        self.as_bytes().cmp(other.as_bytes())
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&resp::repr(self))
    }
}
