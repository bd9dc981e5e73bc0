//! LZF: the compression of long strings in RDB files.
//!
//! Format: a control byte below 32 announces that many literal bytes plus one; otherwise its upper
//! three bits are a length (7: one more byte adds to it) and the rest, with the next byte, how far back.

const HASH_BITS: u32 = 13;

/// Compresses; `None` where that gains nothing.
pub fn compress(data: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(data.len());
    let mut seen = vec![0u32; 1 << HASH_BITS];
    let (mut at, mut literal) = (0, 0);
    while at + 2 < data.len() {
        let word = u32::from(data[at]) << 16 | u32::from(data[at + 1]) << 8 | u32::from(data[at + 2]);
        let slot = (word.wrapping_mul(0x9e37_79b1) >> (32 - HASH_BITS)) as usize;
        let candidate = seen[slot] as usize;
        seen[slot] = at as u32 + 1;
        let found = candidate.checked_sub(1).filter(|c| at - c - 1 < 1 << 13 && data[*c..*c + 3] == data[at..at + 3]);
        let Some(from) = found else {
            at += 1;
            continue;
        };
        let most = (data.len() - at).min(264);
        let len = (3..most).find(|n| data[from + n] != data[at + n]).unwrap_or(most);
        literals(&mut out, &data[literal..at]);
        let (back, code) = (at - from - 1, len - 2);
        if code < 7 {
            out.push((code << 5) as u8 | (back >> 8) as u8);
        } else {
            out.push(7 << 5 | (back >> 8) as u8);
            out.push((code - 7) as u8);
        }
        out.push(back as u8);
        at += len;
        literal = at;
    }
    literals(&mut out, &data[literal..]);
    (out.len() + 4 < data.len()).then_some(out)
}

fn literals(out: &mut Vec<u8>, bytes: &[u8]) {
    for chunk in bytes.chunks(32) {
        out.push(chunk.len() as u8 - 1);
        out.extend_from_slice(chunk);
    }
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
        for sample in samples {
            if let Some(packed) = compress(&sample) {
                assert!(packed.len() < sample.len());
                assert_eq!(decompress(&packed, sample.len()), Some(sample));
            }
        }
        assert_eq!(decompress(&[0xe0, 0xff], 10), None);
    }
}
