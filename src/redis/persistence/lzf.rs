//! LZF: the compression of long strings in RDB files.
//!
//! Format: a control byte below 32 announces that many literal bytes plus one; otherwise its upper
//! three bits are a length (7: one more byte adds to it) and the rest, with the next byte, how far back.

const HASH_BITS: u32 = 16;
/// Matches reach back less than this.
const FARTHEST: usize = 1 << 13;
/// The longest match.
const LONGEST: usize = 264;
/// The longest run of literal bytes.
const LITERALS: usize = 32;

/// Compresses strings one after the other with one table of what was seen where.
#[derive(Debug, Default)]
pub struct Compressor {
    /// By a hash of three bytes: where they were seen last, beyond `base`.
    seen: Vec<u32>,
    /// What the table holds of earlier strings is not above this.
    base: u32,
}

/// The bytes that are written: literal bytes stand behind a control byte whose value is known last.
struct Output {
    out: Vec<u8>,
    /// Literal bytes since the control byte.
    run: usize,
    most: usize,
}

impl Output {
    fn literal(&mut self, byte: u8) -> Option<()> {
        if self.out.len() >= self.most {
            return None;
        }
        self.out.push(byte);
        self.run += 1;
        if self.run == LITERALS {
            self.stop_run();
            self.out.push(0);
        }
        Some(())
    }

    fn stop_run(&mut self) {
        let control = self.out.len() - self.run - 1;
        if self.run == 0 {
            self.out.pop();
        } else {
            self.out[control] = self.run as u8 - 1;
        }
        self.run = 0;
    }

    fn copy(&mut self, back: usize, len: usize) -> Option<()> {
        if self.out.len() - usize::from(self.run == 0) + 4 >= self.most {
            return None;
        }
        self.stop_run();
        let code = len - 2;
        if code < 7 {
            self.out.push((back >> 8) as u8 + (code << 5) as u8);
        } else {
            self.out.extend_from_slice(&[(back >> 8) as u8 + (7 << 5), (code - 7) as u8]);
        }
        self.out.extend_from_slice(&[back as u8, 0]);
        Some(())
    }
}

impl Compressor {
    /// The place in the table of the three bytes at `at`.
    fn slot(data: &[u8], at: usize) -> usize {
        let word = u32::from(data[at]) << 16 | u32::from(data[at + 1]) << 8 | u32::from(data[at + 2]);
        ((word >> (24 - HASH_BITS)).wrapping_sub(word.wrapping_mul(5)) & ((1 << HASH_BITS) - 1)) as usize
    }

    fn note(&mut self, data: &[u8], at: usize) -> Option<usize> {
        let place = self.seen.get_mut(Compressor::slot(data, at))?;
        let before = std::mem::replace(place, self.base + at as u32 + 1);
        before.checked_sub(self.base + 1).map(|n| n as usize)
    }

    /// Compresses; `None` where that gains less than four bytes. The choices are those of the original,
    /// so that the bytes are too.
    pub fn compress(&mut self, data: &[u8]) -> Option<Vec<u8>> {
        let most = data.len().checked_sub(4).filter(|n| *n > 0 && data.len() < u32::MAX as usize / 2)?;
        if self.seen.is_empty() || self.base.checked_add(data.len() as u32 + 2).is_none() {
            self.seen = vec![0; 1 << HASH_BITS];
            self.base = 0;
        }
        let packed = self.pack(data, most);
        self.base += data.len() as u32 + 1;
        packed
    }

    fn pack(&mut self, data: &[u8], most: usize) -> Option<Vec<u8>> {
        let mut output = Output { out: Vec::with_capacity(data.len()), run: 0, most };
        output.out.push(0);
        let mut at = 0;
        while at + 2 < data.len() {
            let from = self
                .note(data, at)
                .filter(|from| *from > 0 && at - from - 1 < FARTHEST && data[*from..from + 3] == data[at..at + 3]);
            let Some(from) = from else {
                output.literal(data[at])?;
                at += 1;
                continue;
            };
            let len = matching(data, from, at);
            output.copy(at - from - 1, len)?;
            at += len;
            if at + 2 >= data.len() {
                break;
            }
            self.note(data, at - 2);
            self.note(data, at - 1);
        }
        if output.out.len() + 3 > most {
            return None;
        }
        for byte in &data[at..] {
            output.literal(*byte)?;
        }
        output.stop_run();
        Some(output.out)
    }
}

/// How many bytes at `at` are those at `from`, of which three are known to be. The last two bytes are
/// left out unless the match is short of them by chance, as the original does.
fn matching(data: &[u8], from: usize, at: usize) -> usize {
    let most = (data.len() - at - 2).min(LONGEST);
    let same = |n: usize| data.get(at + n).is_some_and(|byte| data[from + n] == *byte);
    let mut len = 3;
    if most > 16 {
        while len < 19 && same(len) {
            len += 1;
        }
        if len < 19 {
            return len;
        }
    }
    while len < most && same(len) {
        len += 1;
    }
    len
}

/// Decompresses to exactly `len` bytes.
pub fn decompress(data: &[u8], len: usize) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(len.min(1 << 20));
    let mut bytes = data.iter().copied();
    while let Some(control) = bytes.next() {
        if control < 32 {
            for _ in 0..=control {
                out.push(bytes.next()?);
            }
        } else {
            let mut count = usize::from(control >> 5);
            if count == 7 {
                count += usize::from(bytes.next()?);
            }
            let back = usize::from(control & 31) << 8 | usize::from(bytes.next()?);
            let from = out.len().checked_sub(back + 1)?;
            for n in 0..count + 2 {
                out.push(out[from + n]);
            }
        }
        if out.len() > len {
            return None;
        }
    }
    (out.len() == len).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comes_back_as_it_was() {
        let samples = [
            b"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa".to_vec(),
            b"abcabcabcabc".repeat(100),
            (0..=255u8).collect(),
        ];
        let mut compressor = Compressor::default();
        for sample in samples {
            if let Some(packed) = compressor.compress(&sample) {
                assert!(packed.len() < sample.len());
                assert_eq!(decompress(&packed, sample.len()), Some(sample));
            }
        }
        assert_eq!(decompress(&[0xe0, 0xff], 10), None);
    }
}
