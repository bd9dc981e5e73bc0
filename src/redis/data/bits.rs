//! The bits of strings: counting, searching, combining. Strings may be long, so all of it goes by words.

const WORD: usize = 8;

/// Whether a bit is set.
pub fn is_set(bytes: &[u8], bit: i64) -> bool {
    bytes.get((bit >> 3) as usize).is_some_and(|b| b & (1 << (7 - (bit & 7))) != 0)
}

/// The bytes that lie whole between two bits, and where they begin and end as bits.
fn whole_bytes(bytes: &[u8], from: i64, to: i64) -> Option<(&[u8], i64, i64)> {
    let (first, end) = ((from + 7) >> 3, to >> 3);
    let whole = bytes.get(usize::try_from(first).ok()?..usize::try_from(end).ok()?)?;
    Some((whole, first * 8, end * 8))
}

/// The first bit of that value from one up to another.
pub fn find(bytes: &[u8], from: i64, to: i64, wanted: bool) -> Option<i64> {
    let by_bit = |from: i64, to: i64| (from..to).find(|bit| is_set(bytes, *bit) == wanted);
    let Some((whole, first, end)) = whole_bytes(bytes, from, to) else { return by_bit(from, to) };
    let skip = if wanted { 0 } else { 0xff };
    by_bit(from, first).or_else(|| {
        let (words, rest) = whole.as_chunks::<WORD>();
        let word = words.iter().position(|word| *word != [skip; WORD]);
        let (at, near) = match word {
            Some(n) => (n * WORD, words.get(n).map_or(rest, |word| word.as_slice())),
            None => (words.len() * WORD, rest),
        };
        match near.iter().position(|byte| *byte != skip) {
            Some(byte) => {
                let bit = first + 8 * (at + byte) as i64;
                by_bit(bit, bit + 8)
            }
            None => by_bit(end, to),
        }
    })
}

/// How many bits are set from one up to another.
pub fn count(bytes: &[u8], from: i64, to: i64) -> i64 {
    let by_bit = |from: i64, to: i64| (from..to).filter(|bit| is_set(bytes, *bit)).count() as i64;
    match whole_bytes(bytes, from, to) {
        Some((whole, first, end)) => by_bit(from, first) + ones(whole) as i64 + by_bit(end, to),
        None => by_bit(from, to),
    }
}

/// How many bits are set in all.
fn ones(bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks::<WORD>();
    let tail: u32 = rest.iter().map(|b| b.count_ones()).sum();
    words.chunks(LANES * MOST_ROUNDS).map(ones_of_words).sum::<u64>() + u64::from(tail)
}

/// Words that are counted side by side.
const LANES: usize = 4;
/// How many words may be added up in bytes: each byte of a word has at most 8 bits.
const MOST_ROUNDS: usize = 255 / 8;

/// Those of some words: one instruction counts a word there.
#[cfg(target_family = "wasm")]
fn ones_of_words(words: &[[u8; WORD]]) -> u64 {
    words.iter().map(|word| u64::from(u64::from_le_bytes(*word).count_ones())).sum()
}

/// Those of some words: the bits are added up within bytes, which every processor does with many at once.
#[cfg(not(target_family = "wasm"))]
fn ones_of_words(words: &[[u8; WORD]]) -> u64 {
    let mut lanes = [0u64; LANES];
    let (rounds, rest) = words.as_chunks::<LANES>();
    for round in rounds {
        for (lane, word) in lanes.iter_mut().zip(round) {
            *lane += in_bytes(u64::from_le_bytes(*word));
        }
    }
    let tail: u32 = rest.iter().map(|word| u64::from_le_bytes(*word).count_ones()).sum();
    lanes.iter().flat_map(|lane| lane.to_le_bytes()).map(u64::from).sum::<u64>() + u64::from(tail)
}

/// In each byte, how many of its bits are set.
#[cfg(not(target_family = "wasm"))]
fn in_bytes(word: u64) -> u64 {
    let pairs = word - (word >> 1 & 0x5555_5555_5555_5555);
    let fours = (pairs & 0x3333_3333_3333_3333) + (pairs >> 2 & 0x3333_3333_3333_3333);
    (fours + (fours >> 4)) & 0x0f0f_0f0f_0f0f_0f0f
}

/// What BITOP makes of its sources.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Set in all.
    And,
    /// Set in any.
    Or,
    /// Set in an odd number.
    Xor,
    /// Not set in the only one.
    Not,
    /// Set in the first and in none of the others.
    Diff,
    /// Set in any of the others and not in the first.
    Diff1,
    /// Set in the first and in any of the others.
    AndOr,
    /// Set in exactly one.
    One,
}

/// Sources being combined, one after the other. A shorter one has zeros behind it.
#[derive(Debug)]
pub struct Combination {
    operation: Operation,
    /// The first source, or all so far.
    first: Vec<u8>,
    /// What the others have, or what more than one has.
    others: Vec<u8>,
    sources: usize,
}

impl Combination {
    /// Of no source yet.
    pub fn new(operation: Operation) -> Combination {
        Combination { operation, first: Vec::new(), others: Vec::new(), sources: 0 }
    }

    /// Takes the next source in.
    pub fn add(&mut self, source: &[u8]) {
        self.sources += 1;
        if self.sources == 1 {
            self.first = source.to_vec();
            return;
        }
        let longest = self.first.len().max(source.len());
        self.first.resize(longest, 0);
        match self.operation {
            Operation::And => {
                each(&mut self.first, source, |a, b| a & b);
                self.first.iter_mut().skip(source.len()).for_each(|byte| *byte = 0);
            }
            Operation::Or | Operation::Not => each(&mut self.first, source, |a, b| a | b),
            Operation::Xor => each(&mut self.first, source, |a, b| a ^ b),
            Operation::Diff | Operation::Diff1 | Operation::AndOr => {
                self.others.resize(longest, 0);
                each(&mut self.others, source, |a, b| a | b);
            }
            Operation::One => {
                self.others.resize(longest, 0);
                for ((more, one), new) in self.others.iter_mut().zip(&mut self.first).zip(source) {
                    *more |= *one & new;
                    *one |= new;
                }
            }
        }
    }

    /// What came out, as long as the longest source.
    pub fn result(mut self) -> Vec<u8> {
        self.others.resize(self.first.len(), 0);
        match self.operation {
            Operation::And | Operation::Or | Operation::Xor => {}
            Operation::Not => self.first.iter_mut().for_each(|byte| *byte = !*byte),
            Operation::Diff | Operation::One => each(&mut self.first, &self.others, |a, b| a & !b),
            Operation::Diff1 => each(&mut self.first, &self.others, |a, b| !a & b),
            Operation::AndOr => each(&mut self.first, &self.others, |a, b| a & b),
        }
        self.first
    }
}

fn each(into: &mut [u8], source: &[u8], combine: impl Fn(u8, u8) -> u8) {
    into.iter_mut().zip(source).for_each(|(a, b)| *a = combine(*a, *b));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_bits_across_bytes() {
        assert_eq!(find(b"\xff\xf0\x00", 0, 24, false), Some(12));
        assert_eq!(find(b"\x00\x00\x01", 3, 24, true), Some(23));
        assert_eq!(find(b"\x00\x00\x01", 3, 23, true), None);
        assert_eq!(find(b"\xff", 0, 8, false), None);
    }

    #[test]
    fn counts_bits_across_bytes() {
        assert_eq!(count(b"foobar", 0, 48), 26);
        assert_eq!(count(b"foobar", 8, 16), 6);
        assert_eq!(count(b"foobar", 5, 31), 17);
        assert_eq!(count(b"foobar", 9, 9), 0);
        assert!(is_set(b"\x80", 0) && !is_set(b"\x80", 1) && !is_set(b"", 9));
    }

    #[test]
    fn long_strings_give_what_bit_by_bit_gives() {
        let mut state = 7u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize
        };
        for _ in 0..300 {
            let (len, fill) = (next() % 4000, [0, 0xff, 0x55][next() % 3]);
            let mut bytes = vec![fill; len];
            for _ in 0..next() % 4 {
                let byte = next() as u8;
                bytes.get_mut(next() % 4000).into_iter().for_each(|b| *b = byte);
            }
            let bits = len as i64 * 8;
            let (from, to) = (next() as i64 % (bits + 1), next() as i64 % (bits + 1));
            let bytes = &bytes;
            let plain = |wanted: bool| (from..to).filter(move |bit| is_set(bytes, *bit) == wanted);
            let (counted, ones, zero) = (plain(true).count() as i64, plain(true).next(), plain(false).next());
            assert_eq!((count(bytes, from, to), find(bytes, from, to, true)), (counted, ones));
            assert_eq!(find(bytes, from, to, false), zero);
        }
        assert_eq!(count(&[0xff; 5000], 0, 40_000), 40_000);
    }

    #[test]
    fn shorter_sources_have_zeros_behind_them() {
        let result = |operation, sources: &[&[u8]]| {
            let mut all = Combination::new(operation);
            sources.iter().for_each(|source| all.add(source));
            all.result()
        };
        let sources: [&[u8]; 3] = [b"\x0f\xff", b"\x33", b"\x55\x01\x02"];
        assert_eq!(result(Operation::And, &sources), [0x01, 0, 0]);
        assert_eq!(result(Operation::Or, &sources), [0x7f, 0xff, 0x02]);
        assert_eq!(result(Operation::Xor, &sources), [0x69, 0xfe, 0x02]);
        assert_eq!(result(Operation::Not, &sources[..1]), [0xf0, 0]);
        assert_eq!(result(Operation::Diff, &sources), [0x08, 0xfe, 0]);
        assert_eq!(result(Operation::Diff1, &sources), [0x70, 0, 0x02]);
        assert_eq!(result(Operation::AndOr, &sources), [0x07, 0x01, 0]);
        assert_eq!(result(Operation::One, &sources), [0x68, 0xfe, 0x02]);
        assert!(result(Operation::Or, &[b""]).is_empty());
    }
}
