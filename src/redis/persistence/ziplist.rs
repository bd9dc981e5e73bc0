//! Ziplists: what older versions wrote instead of listpacks. Only read.

/// The entries of a ziplist as text.
pub fn read(bytes: &[u8]) -> Option<Vec<Vec<u8>>> {
    let total = u32::from_le_bytes(bytes.get(..4)?.try_into().ok()?) as usize;
    if total != bytes.len() || *bytes.last()? != 0xff {
        return None;
    }
    let mut at = 10;
    let mut entries = Vec::new();
    while *bytes.get(at)? != 0xff {
        at += if bytes[at] < 254 { 1 } else { 5 };
        let head = *bytes.get(at)?;
        let integer = |from: usize, n: usize| -> Option<i64> {
            let mut buf = [0u8; 8];
            buf[..n].copy_from_slice(bytes.get(from..from + n)?);
            let shift = 64 - 8 * n as u32;
            Some((i64::from_le_bytes(buf) << shift) >> shift)
        };
        let (skip, len, number) = match head >> 6 {
            0 => (1, usize::from(head & 63), None),
            1 => (2, usize::from(head & 63) << 8 | usize::from(*bytes.get(at + 1)?), None),
            2 => (5, u32::from_be_bytes(bytes.get(at + 1..at + 5)?.try_into().ok()?) as usize, None),
            _ => match head {
                0xc0 => (1, 2, Some(integer(at + 1, 2)?)),
                0xd0 => (1, 4, Some(integer(at + 1, 4)?)),
                0xe0 => (1, 8, Some(integer(at + 1, 8)?)),
                0xf0 => (1, 3, Some(integer(at + 1, 3)?)),
                0xfe => (1, 1, Some(integer(at + 1, 1)?)),
                0xf1..=0xfd => (1, 0, Some(i64::from(head & 15) - 1)),
                _ => return None,
            },
        };
        let data = bytes.get(at + skip..(at + skip).checked_add(len)?)?;
        entries.push(number.map_or_else(|| data.to_vec(), resp::format_i64));
        at += skip + len;
    }
    Some(entries)
}
