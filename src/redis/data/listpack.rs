//! Listpack: a list of short strings and integers in one block of memory, in Redis's own format,
//! so that it goes to RDB files unchanged.
//!
//! Layout: total bytes (u32 LE), number of entries (u16 LE, 65535 where unknown), entries, 0xFF.
//! An entry is its encoded data followed by the length of that data, readable backwards.
//! Header and final byte are not kept: a small listpack lies in its handle of 16 bytes.

use super::block::Block;
use std::borrow::Cow;

/// Bytes before the entries.
const HEADER: usize = 6;
/// Bytes beside the entries.
const FRAME: usize = HEADER + 1;
const EOF: u8 = 0xff;
/// The number of entries where there are too many for it.
const UNKNOWN: u16 = 65_535;

/// What an entry holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry<'a> {
    /// A number kept in binary.
    Int(i64),
    /// Anything else.
    Str(&'a [u8]),
}

impl<'a> Entry<'a> {
    /// The entry that keeps a text.
    fn of(text: &'a [u8]) -> Entry<'a> {
        match if text.len() <= 20 { resp::parse_i64(text) } else { None } {
            Some(n) => Entry::Int(n),
            None => Entry::Str(text),
        }
    }

    /// Bytes that it takes.
    fn size(self) -> usize {
        let data = match self {
            Entry::Int(n) => int_size(n),
            Entry::Str(text) => str_head(text.len()).1 + text.len(),
        };
        data + backlen_size(data)
    }

    /// Writes it to the beginning of `out`, and returns what is behind it.
    fn write(self, out: &mut [u8]) -> &mut [u8] {
        let (data, rest) = out
            .split_at_mut_checked(match self {
                Entry::Int(n) => int_size(n),
                Entry::Str(text) => str_head(text.len()).1 + text.len(),
            })
            .unwrap_or_default();
        let len = data.len();
        match self {
            Entry::Int(n) => write_int(n, data),
            Entry::Str(text) => {
                let (head, size) = str_head(text.len());
                if let Some((place, behind)) = data.split_at_mut_checked(size) {
                    place.copy_from_slice(&head[..size]);
                    behind.copy_from_slice(text);
                }
            }
        }
        write_backlen(len, rest)
    }

    /// The entry as text.
    pub fn bytes(self) -> Cow<'a, [u8]> {
        match self {
            Entry::Int(n) => Cow::Owned(resp::format_i64(n)),
            Entry::Str(s) => Cow::Borrowed(s),
        }
    }

    /// Whether the entry equals `text`.
    pub fn is(self, text: &[u8]) -> bool {
        match self {
            Entry::Int(n) => text.len() <= 20 && resp::parse_i64(text) == Some(n),
            Entry::Str(s) => s == text,
        }
    }

    /// The length of the entry as text.
    pub fn text_len(self) -> usize {
        match self {
            Entry::Int(n) => resp::format_i64(n).len(),
            Entry::Str(s) => s.len(),
        }
    }

    /// Writes the entry as a bulk string.
    pub fn reply(self, out: &mut resp::Reply) {
        match self {
            Entry::Int(n) => out.bulk_int(n),
            Entry::Str(s) => out.bulk(s),
        }
    }
}

/// The list. The number that belongs to the block is that of the entries.
#[derive(Clone, Debug)]
pub struct Listpack(pub(super) Block);

impl PartialEq for Listpack {
    fn eq(&self, other: &Listpack) -> bool {
        self.0.bytes() == other.0.bytes()
    }
}

impl Eq for Listpack {}

impl Default for Listpack {
    fn default() -> Listpack {
        Listpack::new()
    }
}

/// Bytes of a number, without the length behind it.
fn int_size(n: i64) -> usize {
    match n {
        0..=127 => 1,
        -4096..=4095 => 2,
        -32768..=32767 => 3,
        -8_388_608..=8_388_607 => 4,
        -2_147_483_648..=2_147_483_647 => 5,
        _ => 9,
    }
}

/// Writes a number to as many bytes as it takes.
fn write_int(n: i64, out: &mut [u8]) {
    let kind = match out {
        [only] => return *only = n as u8,
        [high, low] => return (*high, *low) = (0xc0 | ((n >> 8) & 0x1f) as u8, n as u8),
        [_, _, _] => 0xf1,
        [_, _, _, _] => 0xf2,
        [_, _, _, _, _] => 0xf3,
        _ => 0xf4,
    };
    if let Some((first, rest)) = out.split_first_mut() {
        *first = kind;
        for (place, byte) in rest.iter_mut().zip(n.to_le_bytes()) {
            *place = byte;
        }
    }
}

/// What stands before a text of so many bytes, and how many bytes of it count.
fn str_head(len: usize) -> ([u8; 5], usize) {
    match len {
        0..=63 => ([0x80 | len as u8, 0, 0, 0, 0], 1),
        64..=4095 => ([0xe0 | (len >> 8) as u8, len as u8, 0, 0, 0], 2),
        _ => {
            let [a, b, c, d] = (len as u32).to_le_bytes();
            ([0xf0, a, b, c, d], 5)
        }
    }
}

fn backlen_size(len: usize) -> usize {
    match len {
        0..=127 => 1,
        128..=16_382 => 2,
        16_383..=2_097_150 => 3,
        2_097_151..=268_435_454 => 4,
        _ => 5,
    }
}

/// Writes the length of an entry's data, to be read backwards, and returns what is behind it.
fn write_backlen(len: usize, out: &mut [u8]) -> &mut [u8] {
    let size = backlen_size(len);
    let (back, rest) = out.split_at_mut_checked(size).unwrap_or_default();
    for (n, byte) in back.iter_mut().enumerate() {
        let bits = ((len >> (7 * (size - 1 - n))) & 127) as u8;
        *byte = if n == 0 { bits } else { bits | 128 };
    }
    rest
}

/// The size of an entry of this text in a listpack.
pub fn entry_size(text: &[u8]) -> usize {
    Entry::of(text).size()
}

/// The entry at an offset of a listpack's entries and the size of its data.
fn decode(bytes: &[u8], at: usize) -> Option<(Entry<'_>, usize)> {
    let rest = bytes.get(at..)?;
    let first = *rest.first()?;
    let le = |n: usize| -> Option<i64> {
        let mut buf = [0u8; 8];
        buf[..n].copy_from_slice(rest.get(1..1 + n)?);
        let shift = 64 - 8 * n as u32;
        Some((i64::from_le_bytes(buf) << shift) >> shift)
    };
    let text = |from: usize, len: usize| -> Option<(Entry<'_>, usize)> {
        Some((Entry::Str(rest.get(from..from.checked_add(len)?)?), from + len))
    };
    match first {
        0..=0x7f => Some((Entry::Int(i64::from(first)), 1)),
        0x80..=0xbf => text(1, usize::from(first & 0x3f)),
        0xc0..=0xdf => {
            let raw = (i64::from(first & 0x1f) << 8) | i64::from(*rest.get(1)?);
            Some((Entry::Int((raw << 51) >> 51), 2))
        }
        0xe0..=0xef => text(2, (usize::from(first & 0x0f) << 8) | usize::from(*rest.get(1)?)),
        0xf0 => text(5, u32::from_le_bytes(rest.get(1..5)?.try_into().ok()?) as usize),
        0xf1 => Some((Entry::Int(le(2)?), 3)),
        0xf2 => Some((Entry::Int(le(3)?), 4)),
        0xf3 => Some((Entry::Int(le(4)?), 5)),
        0xf4 => Some((Entry::Int(le(8)?), 9)),
        _ => None,
    }
}

impl Listpack {
    /// An empty list.
    pub fn new() -> Listpack {
        Listpack(Block::new(false))
    }

    /// Checks a block from outside entry by entry.
    pub fn from_bytes(bytes: &[u8]) -> Option<Listpack> {
        let total = u32::from_le_bytes(bytes.get(..4)?.try_into().ok()?) as usize;
        let stated = u16::from_le_bytes(bytes.get(4..HEADER)?.try_into().ok()?);
        let (last, entries) = bytes.get(HEADER..)?.split_last()?;
        if total != bytes.len() || *last != EOF {
            return None;
        }
        let (mut at, mut count) = (0, 0usize);
        while at < entries.len() {
            let (_, size) = decode(entries, at)?;
            let mut back = [0; 5];
            write_backlen(size, &mut back);
            let end = at + size + backlen_size(size);
            if entries.get(at + size..end)? != &back[..backlen_size(size)] {
                return None;
            }
            at = end;
            count += 1;
        }
        (stated == UNKNOWN || usize::from(stated) == count).then(|| Listpack(Block::of(entries, stated)))
    }

    /// The block as it goes to disk.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.size());
        bytes.extend_from_slice(&(self.size() as u32).to_le_bytes());
        bytes.extend_from_slice(&self.0.note().to_le_bytes());
        bytes.extend_from_slice(self.0.bytes());
        bytes.push(EOF);
        bytes
    }

    /// The entries as they are encoded.
    pub fn entries(&self) -> &[u8] {
        self.0.bytes()
    }

    /// Bytes of the block as it goes to disk.
    pub fn size(&self) -> usize {
        FRAME + self.0.len()
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        match self.0.note() {
            UNKNOWN => self.iter().count(),
            n => usize::from(n),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Exchanges a part for so many bytes, which the caller writes, and counts the entries added.
    fn edit(&mut self, at: usize, end: usize, size: usize, added: isize) -> &mut [u8] {
        let note = match self.0.note() {
            // Once there were too many entries to be counted, the count stays unknown.
            UNKNOWN => UNKNOWN,
            stated => usize::from(stated).saturating_add_signed(added).min(usize::from(UNKNOWN)) as u16,
        };
        self.0.gap(at, end, size, note)
    }

    /// The offset of the first entry.
    pub fn first(&self) -> Option<usize> {
        (!self.is_empty()).then_some(0)
    }

    /// The offset of the last entry.
    pub fn last(&self) -> Option<usize> {
        self.prev(self.end())
    }

    /// The offset after the last entry, where insertion appends.
    pub fn end(&self) -> usize {
        self.0.len()
    }

    /// The offset of the entry after the one at `at`.
    pub fn next(&self, at: usize) -> Option<usize> {
        self.skip(at).filter(|next| *next < self.end())
    }

    fn skip(&self, at: usize) -> Option<usize> {
        let (_, size) = decode(self.0.bytes(), at)?;
        Some(at + size + backlen_size(size))
    }

    /// The offset of the entry before the one at `at`.
    pub fn prev(&self, at: usize) -> Option<usize> {
        let (mut len, mut shift, mut from) = (0usize, 0, at.checked_sub(1)?);
        let bytes = self.0.bytes();
        loop {
            let byte = *bytes.get(from)?;
            len |= usize::from(byte & 127) << shift;
            if byte & 128 == 0 {
                break;
            }
            shift += 7;
            from = from.checked_sub(1)?;
            if shift > 28 {
                return None;
            }
        }
        from.checked_sub(len)
    }

    /// The entry at an offset.
    pub fn get(&self, at: usize) -> Entry<'_> {
        decode(self.0.bytes(), at).map_or(Entry::Str(&[]), |(entry, _)| entry)
    }

    /// The offset of entry number `index`, negative ones counted from the end.
    pub fn seek(&self, index: isize) -> Option<usize> {
        let stated = self.0.note();
        let (mut index, mut backwards) = (index, index < 0);
        if stated != UNKNOWN {
            let count = isize::try_from(stated).unwrap_or(isize::MAX);
            if index < 0 {
                index += count;
            }
            if index < 0 || index >= count {
                return None;
            }
            backwards = index > count / 2;
            if backwards {
                index -= count;
            }
        }
        if backwards {
            let mut at = self.last()?;
            for _ in 0..(-index - 1) {
                at = self.prev(at)?;
            }
            Some(at)
        } else {
            let mut at = self.first()?;
            for _ in 0..index {
                at = self.next(at)?;
            }
            Some(at)
        }
    }

    /// Appends an entry.
    pub fn push(&mut self, text: &[u8]) {
        self.insert(self.end(), text);
    }

    /// Appends several entries at once.
    pub fn extend(&mut self, entries: &[Entry<'_>]) {
        let kept = |entry: &Entry<'_>| match entry {
            Entry::Str(text) => Entry::of(text).size(),
            Entry::Int(_) => entry.size(),
        };
        let size = entries.iter().map(kept).sum();
        let mut out = self.edit(self.end(), self.end(), size, entries.len() as isize);
        for entry in entries {
            out = match entry {
                Entry::Str(text) => Entry::of(text).write(out),
                Entry::Int(_) => entry.write(out),
            };
        }
    }

    /// Puts an entry before the one at `at` (or at [`Listpack::end`]).
    pub fn insert(&mut self, at: usize, text: &[u8]) {
        let entry = Entry::of(text);
        entry.write(self.edit(at, at, entry.size(), 1));
    }

    /// Puts several entries before the one at `at`.
    pub fn insert_all(&mut self, at: usize, texts: &[&[u8]]) {
        let size = texts.iter().map(|text| entry_size(text)).sum();
        let mut out = self.edit(at, at, size, texts.len() as isize);
        for text in texts {
            out = Entry::of(text).write(out);
        }
    }

    /// Exchanges the entry at `at`.
    pub fn replace(&mut self, at: usize, text: &[u8]) {
        self.exchange(at, Entry::of(text));
    }

    /// Exchanges the entry at `at` for a number.
    pub fn replace_int(&mut self, at: usize, n: i64) {
        self.exchange(at, Entry::Int(n));
    }

    fn exchange(&mut self, at: usize, entry: Entry<'_>) {
        let Some(end) = self.skip(at) else { return };
        entry.write(self.edit(at, end, entry.size(), 0));
    }

    /// Removes `count` entries from the one at `at` on.
    pub fn remove(&mut self, at: usize, count: usize) {
        let (mut end, mut removed) = (at, 0);
        while removed < count && end < self.end() {
            let Some(next) = self.skip(end) else { break };
            end = next;
            removed += 1;
        }
        self.edit(at, end, 0, -(removed as isize));
    }

    /// The entries in order.
    pub fn iter(&self) -> Iter<'_> {
        self.iter_from(0)
    }

    /// The entries from an offset on.
    pub fn iter_from(&self, at: usize) -> Iter<'_> {
        Iter { bytes: self.0.bytes(), at }
    }

    /// The offset of the first entry equal to `text`, looking at the first of every `stride`.
    pub fn find(&self, text: &[u8], stride: usize) -> Option<usize> {
        let number = if text.len() <= 20 { resp::parse_i64(text) } else { None };
        let bytes = self.0.bytes();
        let (mut at, mut n) = (0, 0);
        loop {
            let (entry, size) = decode(bytes, at)?;
            if n == 0 {
                let hit = match entry {
                    Entry::Int(i) => number == Some(i),
                    Entry::Str(s) => s == text,
                };
                if hit {
                    return Some(at);
                }
                n = stride;
            }
            n -= 1;
            at += size + backlen_size(size);
        }
    }

    /// Gives unused memory back.
    pub fn shrink(&mut self) {
        self.0.shrink();
    }
}

/// Goes through a listpack.
#[derive(Clone)]
pub struct Iter<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Iterator for Iter<'a> {
    type Item = Entry<'a>;
    fn next(&mut self) -> Option<Entry<'a>> {
        let (entry, size) = decode(self.bytes, self.at)?;
        self.at += size + backlen_size(size);
        Some(entry)
    }
}

#[cfg(test)]
mod tests;
