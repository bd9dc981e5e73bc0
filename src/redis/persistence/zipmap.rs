//! Zipmaps: small hashes as Redis wrote them before 2.6. Only read.

/// What ends a zipmap.
const END: u8 = 255;
/// What stands before a length of four bytes; smaller numbers are a length themselves.
const LONG: u8 = 254;

/// A length, and what is behind it. A short one must not be written as a long one.
fn length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (first, rest) = bytes.split_first()?;
    if *first < LONG {
        return Some((usize::from(*first), rest));
    }
    let (four, rest) = rest.split_first_chunk::<4>()?;
    let length = u32::from_le_bytes(*four);
    (length >= u32::from(LONG)).then_some((usize::try_from(length).ok()?, rest))
}

/// The fields and values of a zipmap; `None` where it is none, or empty.
pub fn read(bytes: &[u8]) -> Option<Vec<(&[u8], &[u8])>> {
    let (count, mut rest) = bytes.split_first()?;
    let mut pairs = Vec::new();
    while *rest.first()? != END {
        let (size, after) = length(rest)?;
        let (field, after) = after.split_at_checked(size)?;
        let (size, after) = length(after)?;
        // Bytes behind the value that are not in use.
        let (unused, after) = after.split_first()?;
        let (value, after) = after.split_at_checked(size)?;
        rest = after.get(usize::from(*unused)..)?;
        pairs.push((field, value));
    }
    let counted = *count >= LONG || usize::from(*count) == pairs.len();
    (rest.len() == 1 && counted && !pairs.is_empty()).then_some(pairs)
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn fields_and_values_are_found_past_what_is_unused() {
        let map = b"\x02\x03foo\x03\x00bar\x05hello\x05\x02world..\xff";
        assert_eq!(read(map), Some(vec![(&b"foo"[..], &b"bar"[..]), (b"hello", b"world")]));
        let mut long = b"\x01\x01f\xfe\x00\x01\x00\x00\x00".to_vec();
        long.extend([b'x'; 256]);
        long.push(0xff);
        assert_eq!(read(&long).map(|pairs| pairs[0].1.len()), Some(256));
    }

    #[test]
    fn what_is_no_zipmap_is_not_read() {
        for bad in [
            &b""[..],
            b"\x00",
            b"\x00\xff",
            b"\x02\x01f\x01\x00v\xff",
            b"\x01\x01f\x01\x00v",
            b"\x01\x01f\x01\x09v\xff",
            b"\x01\xfe\x01\x00\x00\x00f\x01\x00v\xff",
            b"\x01\x01f\x01\x00v\xffx",
        ] {
            assert_eq!(read(bad), None, "{bad:?}");
        }
    }
}
