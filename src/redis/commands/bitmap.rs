//! What the bitmap commands share.

use super::prelude::*;
use crate::keyspace::value::make_room;
use crate::server::Server;
use std::borrow::Cow;

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
pub fn bytes<'a>(s: &'a mut Server, db: usize, key: &[u8]) -> Result<Cow<'a, [u8]>, Fail> {
    match s.read(db, key) {
        None => Ok(Cow::Borrowed(&[])),
        Some(value) => value.bytes().ok_or(Fail::from(err::WRONG_TYPE)),
    }
}

/// The bytes of a string to be changed, made at least so long; and whether they had to be.
pub fn bytes_mut<'a>(cx: &'a mut Cx<'_>, key: &[u8], len: usize) -> Result<(&'a mut Vec<u8>, bool), Fail> {
    match cx.s.write(cx.db, key) {
        None => cx.s.add_key(cx.db, key, Value::Raw(Box::default())),
        Some(value) if value.kind() != Kind::Str => return Err(err::WRONG_TYPE.into()),
        Some(_) => {}
    }
    let Some(bytes) = cx.s.peek_mut(cx.db, key).and_then(Value::raw_mut) else { return Err(err::WRONG_TYPE.into()) };
    let grows = bytes.len() < len;
    if grows {
        make_room(bytes, len);
        bytes.resize(len, 0);
    }
    Ok((bytes, grows))
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
        let in_bits = match cx.arg(at + 2).to_ascii_uppercase().as_slice() {
            b"" if at + 2 >= cx.argc() => false,
            b"BYTE" => false,
            b"BIT" => true,
            _ => return Err(err::SYNTAX.into()),
        };
        let end = if at + 1 < cx.argc() { cx.int(at + 1)? } else { -1 };
        Ok(Range { start, end, in_bits })
    }

    /// Both ends are counted from the end, and the wrong way round.
    pub fn is_reversed(self) -> bool {
        self.start < 0 && self.end < 0 && self.start > self.end
    }

    /// The bits it means of a string of so many bytes: the first, and the one after the last.
    pub fn bits(self, len: i64) -> (i64, i64) {
        let total = if self.in_bits { len * 8 } else { len };
        let from = if self.start < 0 { (self.start + total).max(0) } else { self.start };
        let to = (if self.end < 0 { (self.end + total).max(0) } else { self.end }).min(total - 1);
        if from > to {
            return (0, 0);
        }
        if self.in_bits { (from, to + 1) } else { (from * 8, (to + 1) * 8) }
    }
}
