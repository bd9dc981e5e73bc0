//! Ids of stream entries.

use std::fmt;

/// The id of an entry: Unix time in milliseconds, and a number within the millisecond.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct StreamId {
    /// Unix time in milliseconds.
    pub ms: u64,
    /// Number within the millisecond.
    pub seq: u64,
}

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.ms, self.seq)
    }
}

impl StreamId {
    /// 0-0, which no entry has.
    pub const MIN: StreamId = StreamId { ms: 0, seq: 0 };
    /// The largest.
    pub const MAX: StreamId = StreamId { ms: u64::MAX, seq: u64::MAX };

    /// An id.
    pub fn new(ms: u64, seq: u64) -> StreamId {
        StreamId { ms, seq }
    }

    /// Whether it is 0-0.
    pub fn is_zero(self) -> bool {
        self == StreamId::MIN
    }

    /// The id after this one; `None` after the largest.
    pub fn next(self) -> Option<StreamId> {
        match self.seq.checked_add(1) {
            Some(seq) => Some(StreamId { ms: self.ms, seq }),
            None => Some(StreamId { ms: self.ms.checked_add(1)?, seq: 0 }),
        }
    }

    /// The id before this one; `None` before 0-0.
    pub fn prev(self) -> Option<StreamId> {
        match self.seq.checked_sub(1) {
            Some(seq) => Some(StreamId { ms: self.ms, seq }),
            None => Some(StreamId { ms: self.ms.checked_sub(1)?, seq: u64::MAX }),
        }
    }

    /// As the key of a node: 16 bytes, most significant first.
    pub fn to_bytes(self) -> [u8; 16] {
        ((u128::from(self.ms) << 64) | u128::from(self.seq)).to_be_bytes()
    }

    /// Reads a node's key.
    pub fn from_bytes(bytes: &[u8]) -> Option<StreamId> {
        let n = u128::from_be_bytes(bytes.try_into().ok()?);
        Some(StreamId { ms: (n >> 64) as u64, seq: n as u64 })
    }

    /// As text.
    pub fn text(self) -> Vec<u8> {
        self.to_string().into_bytes()
    }

    /// Reads `ms-seq`, `ms` (whose number is then `missing`) or `ms-*` (no number: `None`).
    pub fn parse(text: &[u8], missing: u64) -> Option<(u64, Option<u64>)> {
        if text.len() > 127 {
            return None;
        }
        let (ms, seq) = match text.iter().position(|c| *c == b'-') {
            Some(at) => (&text[..at], Some(&text[at + 1..])),
            None => (text, None),
        };
        let ms = number(ms)?;
        Some(match seq {
            Some(b"*") => (ms, None),
            Some(seq) => (ms, Some(number(seq)?)),
            None => (ms, Some(missing)),
        })
    }
}

/// A decimal number as C's `strtoull` reads it: blanks and a sign may stand before.
fn number(text: &[u8]) -> Option<u64> {
    let digits = text.trim_ascii_start();
    let digits = digits.strip_prefix(b"+").unwrap_or(digits);
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_read_and_step() {
        assert_eq!(StreamId::parse(b"5-3", 0), Some((5, Some(3))));
        assert_eq!(StreamId::parse(b"5", 7), Some((5, Some(7))));
        assert_eq!(StreamId::parse(b"5-*", 7), Some((5, None)));
        for bad in ["", "-", "5-", "a-1", "1-a", "18446744073709551616", "1-2-3"] {
            assert_eq!(StreamId::parse(bad.as_bytes(), 0), None, "{bad}");
        }
        assert_eq!(StreamId::new(1, u64::MAX).next(), Some(StreamId::new(2, 0)));
        assert_eq!(StreamId::MAX.next(), None);
        assert_eq!(StreamId::new(2, 0).prev(), Some(StreamId::new(1, u64::MAX)));
        assert_eq!(StreamId::MIN.prev(), None);
        let id = StreamId::new(0x0102, 3);
        assert_eq!(StreamId::from_bytes(&id.to_bytes()), Some(id));
    }
}
