//! What the bitmap commands share.

use super::prelude::*;

/// The offset of a bit.
pub fn offset(cx: &Cx<'_>, at: usize, hash: bool, width: i64) -> Result<i64, Fail> {
    let error = "ERR bit offset is not an integer or out of range";
    let (word, scale) = match cx.arg(at) {
        [b'#', rest @ ..] if hash => (rest, width),
        word => (word, 1),
    };
    let n = resp::parse_i64(word).and_then(|n| n.checked_mul(scale)).ok_or(Fail::from(error))?;
    if n < 0 || n >> 3 >= cx.s.hot.max_bulk { Err(error.into()) } else { Ok(n) }
}

/// The bytes of a string; none for a missing key.
pub fn bytes(cx: &mut Cx<'_>, key: &[u8]) -> Result<Vec<u8>, Fail> {
    match cx.s.read(cx.db, key) {
        None => Ok(Vec::new()),
        Some(value) => Ok(value.bytes().ok_or(Fail::from(err::WRONG_TYPE))?.into_owned()),
    }
}

/// The bytes of a string to be changed, made at least so long.
pub fn bytes_mut<'a>(cx: &'a mut Cx<'_>, key: &[u8], len: usize) -> Result<&'a mut Vec<u8>, Fail> {
    if cx.s.write(cx.db, key).is_none() {
        cx.s.add_key(cx.db, key, Value::Raw(Box::default()));
    }
    let Some(bytes) = cx.s.peek_mut(cx.db, key).and_then(Value::raw_mut) else { return Err(err::WRONG_TYPE.into()) };
    if bytes.len() < len {
        bytes.resize(len, 0);
    }
    Ok(bytes)
}

/// A range of bytes or bits, negative ends counted from the end.
#[derive(Clone, Copy, Debug)]
pub struct Range {
    start: i64,
    end: i64,
    in_bits: bool,
}

impl Range {
    /// Reads `start [end [BYTE|BIT]]` from word `at` on.
    pub fn read(cx: &Cx<'_>, at: usize) -> Result<Range, Fail> {
        let start = cx.int(at)?;
        let end = if at + 1 < cx.argc() { cx.int(at + 1)? } else { -1 };
        let in_bits = match cx.arg(at + 2).to_ascii_uppercase().as_slice() {
            b"" if at + 2 >= cx.argc() => false,
            b"BYTE" => false,
            b"BIT" => true,
            _ => return Err(err::SYNTAX.into()),
        };
        Ok(Range { start, end, in_bits })
    }

    /// The bits it means of a string of so many bytes: the first, and the one after the last.
    pub fn bits(self, len: i64) -> (i64, i64) {
        let total = if self.in_bits { len * 8 } else { len };
        if self.start < 0 && self.end < 0 && self.start > self.end {
            return (0, 0);
        }
        let from = if self.start < 0 { (self.start + total).max(0) } else { self.start };
        let to = (if self.end < 0 { (self.end + total).max(0) } else { self.end }).min(total - 1);
        if from > to {
            return (0, 0);
        }
        if self.in_bits { (from, to + 1) } else { (from * 8, (to + 1) * 8) }
    }
}

/// Whether a bit is set.
pub fn is_set(bytes: &[u8], bit: i64) -> bool {
    bytes.get((bit >> 3) as usize).is_some_and(|b| b & (1 << (7 - (bit & 7))) != 0)
}

/// How many bits are set from one up to another.
pub fn count(bytes: &[u8], from: i64, to: i64) -> i64 {
    let (mut at, mut sum) = (from, 0);
    while at < to {
        if at & 7 == 0 && at + 8 <= to {
            sum += bytes.get((at >> 3) as usize).map_or(0, |b| i64::from(b.count_ones()));
            at += 8;
        } else {
            sum += i64::from(is_set(bytes, at));
            at += 1;
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::{count, is_set};

    #[test]
    fn counts_bits_across_bytes() {
        assert_eq!(count(b"foobar", 0, 48), 26);
        assert_eq!(count(b"foobar", 8, 16), 6);
        assert_eq!(count(b"foobar", 5, 31), 17);
        assert!(is_set(b"\x80", 0) && !is_set(b"\x80", 1) && !is_set(b"", 9));
    }
}
