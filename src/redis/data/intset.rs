//! Sorted sets of integers in Redis's own format: encoding (u32 LE: 2, 4 or 8), length (u32 LE),
//! then the integers in ascending order. Only these are kept: a few lie in the block's handle.

use super::block::Block;

/// Bytes before the integers.
const HEADER: usize = 8;

/// The integers, sorted, with the width that the largest one ever asked for: the number that belongs to the block
/// is how often 2 bytes are to be doubled for it.
#[derive(Clone, Copy, Debug)]
pub struct IntSet<'a>(&'a Block);

/// The integers, to be changed.
#[derive(Debug)]
pub struct IntSetMut<'a>(&'a mut Block);

/// The integers of a set without any.
pub fn empty() -> Block {
    Block::new(true)
}

/// The doublings that a value needs.
fn doublings(value: i64) -> u16 {
    match value {
        -32_768..=32_767 => 0,
        -2_147_483_648..=2_147_483_647 => 1,
        _ => 2,
    }
}

/// The integer of so many bytes.
fn read(bytes: &[u8]) -> i64 {
    match bytes {
        [a, b] => i64::from(i16::from_le_bytes([*a, *b])),
        [a, b, c, d] => i64::from(i32::from_le_bytes([*a, *b, *c, *d])),
        _ => bytes.try_into().map_or(0, i64::from_le_bytes),
    }
}

fn write(value: i64, out: &mut [u8]) {
    for (place, byte) in out.iter_mut().zip(value.to_le_bytes()) {
        *place = byte;
    }
}

impl<'a> IntSet<'a> {
    /// The integers in a block that has some.
    pub fn new(block: &'a Block) -> IntSet<'a> {
        IntSet(block)
    }

    /// How many integers it holds.
    pub fn len(self) -> usize {
        self.0.len() / self.width()
    }

    /// Whether it holds none.
    pub fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// Bytes of the serialised form.
    pub fn size(self) -> usize {
        HEADER + self.0.len()
    }

    fn width(self) -> usize {
        2 << self.0.note().min(2)
    }

    /// The integer at a place in ascending order.
    pub fn get(self, index: usize) -> Option<i64> {
        self.0.bytes().chunks_exact(self.width()).nth(index).map(read)
    }

    /// Where a value stands, or would stand.
    fn search(self, value: i64) -> Result<usize, usize> {
        let (bytes, width) = (self.0.bytes(), self.width());
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = (low + high) / 2;
            let here = bytes.get(middle * width..(middle + 1) * width).map_or(0, read);
            match here.cmp(&value) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Equal => return Ok(middle),
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        Err(low)
    }

    /// Whether `value` is in the set.
    pub fn contains(self, value: i64) -> bool {
        self.search(value).is_ok()
    }

    /// The integers in ascending order.
    pub fn iter(self) -> impl DoubleEndedIterator<Item = i64> + use<'a> {
        self.0.bytes().chunks_exact(self.width()).map(read)
    }

    /// The serialised form.
    pub fn to_bytes(self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.size());
        out.extend_from_slice(&(self.width() as u32).to_le_bytes());
        out.extend_from_slice(&(self.len() as u32).to_le_bytes());
        out.extend_from_slice(self.0.bytes());
        out
    }
}

impl<'a> IntSetMut<'a> {
    /// The integers in a block that has some.
    pub fn new(block: &'a mut Block) -> IntSetMut<'a> {
        IntSetMut(block)
    }

    /// The integers.
    pub fn view(&self) -> IntSet<'_> {
        IntSet(self.0)
    }

    fn widen(&mut self, value: i64) {
        let note = doublings(value);
        if note > self.0.note() {
            let all: Vec<i64> = self.view().iter().collect();
            let width = 2 << note;
            let place = self.0.gap(0, usize::MAX, all.len() * width, note);
            for (place, value) in place.chunks_exact_mut(width).zip(all) {
                write(value, place);
            }
        }
    }

    /// Adds `value`. False if it was there.
    pub fn insert(&mut self, value: i64) -> bool {
        let Err(at) = self.view().search(value) else { return false };
        self.widen(value);
        let (width, note) = (self.view().width(), self.0.note());
        write(value, self.0.gap(at * width, at * width, width, note));
        true
    }

    /// Removes `value`. False if it was not there.
    pub fn remove(&mut self, value: i64) -> bool {
        let Ok(at) = self.view().search(value) else { return false };
        let (width, note) = (self.view().width(), self.0.note());
        self.0.gap(at * width, (at + 1) * width, 0, note);
        true
    }
}

/// Checks and reads the serialised form.
pub fn from_bytes(bytes: &[u8]) -> Option<Block> {
    let width = u32::from_le_bytes(bytes.get(..4)?.try_into().ok()?) as usize;
    let len = u32::from_le_bytes(bytes.get(4..HEADER)?.try_into().ok()?) as usize;
    let values = bytes.get(HEADER..)?;
    if !matches!(width, 2 | 4 | 8) || len == 0 || values.len() != len.checked_mul(width)? {
        return None;
    }
    let mut previous = None;
    let mut note = 0;
    for value in values.chunks_exact(width).map(read) {
        if previous.is_some_and(|p| p >= value) {
            return None;
        }
        previous = Some(value);
        note = note.max(doublings(value));
    }
    let mut block = empty();
    let kept = 2 << note;
    for (place, value) in block.gap(0, 0, len * kept, note).chunks_exact_mut(kept).zip(values.chunks_exact(width)) {
        write(read(value), place);
    }
    Some(block)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widens_and_stays_sorted() {
        let mut block = empty();
        let mut set = IntSetMut::new(&mut block);
        for value in [5, -3, 70_000, 5, i64::MAX, 0] {
            set.insert(value);
        }
        assert_eq!(set.view().iter().collect::<Vec<_>>(), [-3, 0, 5, 70_000, i64::MAX]);
        assert!(set.remove(0) && !set.remove(0) && set.view().contains(70_000));
        let bytes = set.view().to_bytes();
        assert_eq!(bytes.len(), set.view().size());
        let read = from_bytes(&bytes).unwrap();
        assert!(read.is_ints() && IntSet::new(&read).iter().eq(set.view().iter()));
        assert!(from_bytes(b"\x02\0\0\0\x02\0\0\0\x05\0\x05\0").is_none());
    }

    #[test]
    fn a_few_integers_need_no_memory_of_their_own() {
        let read = from_bytes(b"\x04\0\0\0\x02\0\0\0\x05\0\0\0\x06\0\0\0").unwrap();
        assert_eq!((IntSet::new(&read).len(), read.len()), (2, 4));
        assert_eq!(IntSet::new(&read).get(1), Some(6));
        assert!([2, usize::MAX].iter().all(|at| IntSet::new(&read).get(*at).is_none()));
    }
}
