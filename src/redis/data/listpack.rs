//! Listpack: a list of short strings and integers in one block of memory, in Redis's own format,
//! so that it goes to RDB files unchanged.
//!
//! Layout: total bytes (u32 LE), number of entries (u16 LE, 65535 where unknown), entries, 0xFF.
//! An entry is its encoded data followed by the length of that data, readable backwards.

use std::borrow::Cow;

const HEADER: usize = 6;
const EOF: u8 = 0xff;

/// What an entry holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry<'a> {
    /// A number kept in binary.
    Int(i64),
    /// Anything else.
    Str(&'a [u8]),
}

impl<'a> Entry<'a> {
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

/// The block. What it holds may end before its memory does: its first bytes say where.
#[derive(Clone, Debug)]
pub struct Listpack(Box<[u8]>);

impl PartialEq for Listpack {
    fn eq(&self, other: &Listpack) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for Listpack {}

impl Default for Listpack {
    fn default() -> Listpack {
        Listpack::new()
    }
}

fn encode(text: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    match if text.len() <= 20 { resp::parse_i64(text) } else { None } {
        Some(n) => encode_int(n, out),
        None => encode_str(text, out),
    }
    push_backlen(out.len() - start, out);
}

fn encode_int(n: i64, out: &mut Vec<u8>) {
    match n {
        0..=127 => out.push(n as u8),
        -4096..=4095 => out.extend_from_slice(&[0xc0 | ((n >> 8) & 0x1f) as u8, n as u8]),
        -32768..=32767 => {
            out.push(0xf1);
            out.extend_from_slice(&(n as i16).to_le_bytes());
        }
        -8_388_608..=8_388_607 => {
            out.push(0xf2);
            out.extend_from_slice(&(n as i32).to_le_bytes()[..3]);
        }
        -2_147_483_648..=2_147_483_647 => {
            out.push(0xf3);
            out.extend_from_slice(&(n as i32).to_le_bytes());
        }
        _ => {
            out.push(0xf4);
            out.extend_from_slice(&n.to_le_bytes());
        }
    }
}

fn encode_str(text: &[u8], out: &mut Vec<u8>) {
    match text.len() {
        len @ 0..=63 => out.push(0x80 | len as u8),
        len @ 64..=4095 => out.extend_from_slice(&[0xe0 | (len >> 8) as u8, len as u8]),
        len => {
            out.push(0xf0);
            out.extend_from_slice(&(len as u32).to_le_bytes());
        }
    }
    out.extend_from_slice(text);
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

fn push_backlen(len: usize, out: &mut Vec<u8>) {
    let size = backlen_size(len);
    for n in (0..size).rev() {
        let bits = ((len >> (7 * n)) & 127) as u8;
        out.push(if n + 1 == size { bits } else { bits | 128 });
    }
}

/// The size of an entry of this text in a listpack.
pub fn entry_size(text: &[u8]) -> usize {
    let data = match if text.len() <= 20 { resp::parse_i64(text) } else { None } {
        Some(0..=127) => 1,
        Some(-4096..=4095) => 2,
        Some(-32768..=32767) => 3,
        Some(-8_388_608..=8_388_607) => 4,
        Some(-2_147_483_648..=2_147_483_647) => 5,
        Some(_) => 9,
        None => {
            text.len()
                + if text.len() < 64 {
                    1
                } else if text.len() < 4096 {
                    2
                } else {
                    5
                }
        }
    };
    data + backlen_size(data)
}

impl Listpack {
    /// An empty block.
    pub fn new() -> Listpack {
        Listpack(Box::new([7, 0, 0, 0, 0, 0, EOF]))
    }

    /// Checks a block from outside entry by entry.
    pub fn from_bytes(bytes: &[u8]) -> Option<Listpack> {
        let pack = Listpack(bytes.into());
        let total = u32::from_le_bytes(bytes.get(..4)?.try_into().ok()?) as usize;
        if total != bytes.len() || bytes.len() < HEADER + 1 || *bytes.last()? != EOF {
            return None;
        }
        let (mut at, mut count) = (HEADER, 0usize);
        while *bytes.get(at)? != EOF {
            let (_, size) = pack.decode(at)?;
            let mut back = Vec::with_capacity(5);
            push_backlen(size, &mut back);
            if bytes.get(at + size..at + size + back.len())? != back.as_slice() {
                return None;
            }
            at += size + back.len();
            count += 1;
        }
        let stated = pack.stated();
        (at + 1 == bytes.len() && (stated == 65535 || stated == count)).then_some(pack)
    }

    /// The block as it goes to disk.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.get(..self.size()).unwrap_or_default()
    }

    /// Bytes of the block.
    pub fn size(&self) -> usize {
        u32::from_le_bytes([self.0[0], self.0[1], self.0[2], self.0[3]]) as usize
    }

    /// Bytes allocated.
    pub fn capacity(&self) -> usize {
        self.0.len()
    }

    fn stated(&self) -> usize {
        usize::from(u16::from_le_bytes([self.0[4], self.0[5]]))
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        match self.stated() {
            65535 => self.iter().count(),
            n => n,
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.size() <= HEADER + 1
    }

    /// Changes the block: `change` gets it with room for so many more bytes, and adds so many entries.
    fn edit(&mut self, more: usize, added: isize, change: impl FnOnce(&mut Vec<u8>)) {
        let (used, stated) = (self.size(), self.stated());
        let mut block = std::mem::take(&mut self.0).into_vec();
        block.truncate(used);
        room(&mut block, more);
        change(&mut block);
        let total = (block.len() as u32).to_le_bytes();
        block[..4].copy_from_slice(&total);
        // Once there were too many entries to be counted, the count stays unknown.
        if stated != 65535 {
            let count = (stated.saturating_add_signed(added).min(65535) as u16).to_le_bytes();
            block[4..6].copy_from_slice(&count);
        }
        // The room to spare belongs to the block: nothing is moved.
        block.resize(block.capacity(), 0);
        self.0 = block.into_boxed_slice();
    }

    /// The entry at an offset and the size of its data.
    fn decode(&self, at: usize) -> Option<(Entry<'_>, usize)> {
        let rest = self.0.get(at..)?;
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

    /// The offset of the first entry.
    pub fn first(&self) -> Option<usize> {
        (!self.is_empty()).then_some(HEADER)
    }

    /// The offset of the last entry.
    pub fn last(&self) -> Option<usize> {
        self.prev(self.end())
    }

    /// The offset after the last entry, where insertion appends.
    pub fn end(&self) -> usize {
        self.size() - 1
    }

    /// The offset of the entry after the one at `at`.
    pub fn next(&self, at: usize) -> Option<usize> {
        let next = self.skip(at)?;
        (*self.0.get(next)? != EOF).then_some(next)
    }

    fn skip(&self, at: usize) -> Option<usize> {
        let (_, size) = self.decode(at)?;
        Some(at + size + backlen_size(size))
    }

    /// The offset of the entry before the one at `at`.
    pub fn prev(&self, at: usize) -> Option<usize> {
        if at <= HEADER {
            return None;
        }
        let (mut len, mut shift, mut from) = (0usize, 0, at - 1);
        loop {
            let byte = *self.0.get(from)?;
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
        self.decode(at).map_or(Entry::Str(&[]), |(entry, _)| entry)
    }

    /// The offset of entry number `index`, negative ones counted from the end.
    pub fn seek(&self, index: isize) -> Option<usize> {
        let stated = self.stated();
        let (mut index, mut backwards) = (index, index < 0);
        if stated != 65535 {
            let count = stated as isize;
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
        self.edit(entry_size(text), 1, |block| {
            block.pop();
            encode(text, block);
            block.push(EOF);
        });
    }

    /// Appends several entries at once.
    pub fn extend(&mut self, entries: &[Entry<'_>]) {
        self.edit(0, entries.len() as isize, |block| {
            block.pop();
            for entry in entries {
                match entry {
                    Entry::Int(n) => {
                        let start = block.len();
                        encode_int(*n, block);
                        push_backlen(block.len() - start, block);
                    }
                    Entry::Str(text) => encode(text, block),
                }
            }
            block.push(EOF);
        });
    }

    /// Puts an entry before the one at `at` (or at [`Listpack::end`]).
    pub fn insert(&mut self, at: usize, text: &[u8]) {
        if at == self.end() {
            return self.push(text);
        }
        self.insert_all(at, &[text]);
    }

    /// Puts several entries before the one at `at`.
    pub fn insert_all(&mut self, at: usize, texts: &[&[u8]]) {
        let mut entries = Vec::with_capacity(texts.iter().map(|text| text.len() + 10).sum());
        for text in texts {
            encode(text, &mut entries);
        }
        self.splice(at, at, &entries, texts.len() as isize);
    }

    /// Exchanges a part of the block.
    fn splice(&mut self, at: usize, end: usize, entries: &[u8], added: isize) {
        let more = entries.len().saturating_sub(end - at);
        self.edit(more, added, |block| {
            let (old, new) = (end - at, entries.len());
            let used = block.len();
            if new > old {
                block.resize(used + new - old, 0);
            }
            block.copy_within(end..used, at + new);
            block.truncate(used + new - old);
            block[at..at + new].copy_from_slice(entries);
        });
    }

    /// Exchanges the entry at `at`.
    pub fn replace(&mut self, at: usize, text: &[u8]) {
        let Some(end) = self.skip(at) else { return };
        let mut entry = Vec::with_capacity(text.len() + 10);
        encode(text, &mut entry);
        self.splice(at, end, &entry, 0);
    }

    /// Exchanges the entry at `at` for a number.
    pub fn replace_int(&mut self, at: usize, n: i64) {
        let Some(end) = self.skip(at) else { return };
        let mut entry = Vec::with_capacity(10);
        encode_int(n, &mut entry);
        push_backlen(entry.len(), &mut entry);
        if entry.len() == end - at {
            self.0[at..end].copy_from_slice(&entry);
        } else {
            self.splice(at, end, &entry, 0);
        }
    }

    /// Removes `count` entries from the one at `at` on.
    pub fn remove(&mut self, at: usize, count: usize) {
        let (mut end, mut removed) = (at, 0);
        while removed < count && self.0.get(end).is_some_and(|c| *c != EOF) {
            let Some(next) = self.skip(end) else { break };
            end = next;
            removed += 1;
        }
        self.splice(at, end, &[], -(removed as isize));
    }

    /// The entries in order.
    pub fn iter(&self) -> Iter<'_> {
        Iter { pack: self, at: HEADER }
    }

    /// The entries from an offset on.
    pub fn iter_from(&self, at: usize) -> Iter<'_> {
        Iter { pack: self, at }
    }

    /// The offset of the first entry equal to `text`, looking at the first of every `stride`.
    pub fn find(&self, text: &[u8], stride: usize) -> Option<usize> {
        let number = if text.len() <= 20 { resp::parse_i64(text) } else { None };
        let mut at = self.first()?;
        let mut n = 0;
        loop {
            let (entry, size) = self.decode(at)?;
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
            if *self.0.get(at)? == EOF {
                return None;
            }
        }
    }

    /// Gives unused memory back.
    pub fn shrink(&mut self) {
        if self.size() < self.0.len() {
            self.0 = self.as_bytes().into();
        }
    }
}

/// Makes room for more bytes: exactly as many while the block is small (there may be a million such
/// blocks), else some to spare.
fn room(block: &mut Vec<u8>, more: usize) {
    const SMALL: usize = 512;
    let wanted = block.len() + more;
    if wanted > block.capacity() {
        // Allocators give 8 bytes above a multiple of 16 for the same price.
        let spare = if wanted > SMALL { wanted / 8 } else { (24 - wanted % 16) % 16 };
        block.reserve_exact(more + spare);
    }
}

/// Goes through a listpack.
#[derive(Clone)]
pub struct Iter<'a> {
    pack: &'a Listpack,
    at: usize,
}

impl<'a> Iterator for Iter<'a> {
    type Item = Entry<'a>;
    fn next(&mut self) -> Option<Entry<'a>> {
        let (entry, size) = self.pack.decode(self.at)?;
        self.at += size + backlen_size(size);
        Some(entry)
    }
}

#[cfg(test)]
mod tests;
