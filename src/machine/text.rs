//! Bytes that need not be UTF-8, kept in `String`s.
//!
//! Names, arguments and environment are `String`s everywhere. Linux allows any byte in them, so a byte
//! that is no valid UTF-8 is carried as one private-use character (plane 16, U+10FF00 + byte) and comes
//! back as that byte where text turns into bytes again.

const ESCAPE: u32 = 0x0010_FF00;

/// Bytes as text; what is no UTF-8 is escaped.
pub fn from_bytes(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().filter_map(|&b| char::from_u32(ESCAPE + u32::from(b))));
    }
    text
}

/// The bytes that a text stands for: the inverse of [`from_bytes`].
pub fn to_bytes(text: &str) -> Vec<u8> {
    if !text.as_bytes().contains(&0xF4) {
        return text.as_bytes().to_vec();
    }
    let mut bytes = Vec::with_capacity(text.len());
    for c in text.chars() {
        match u32::from(c).checked_sub(ESCAPE) {
            Some(byte @ 0x80..=0xFF) => bytes.push(byte as u8),
            _ => bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_bytes_survive() {
        for bytes in [&b"plain"[..], "한글".as_bytes(), b"\xff\x80a\xed\xa0\x80", &[0xF4, 0x8F]] {
            assert_eq!(to_bytes(&from_bytes(bytes)), bytes);
        }
    }
}
