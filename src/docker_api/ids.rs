//! Object ids: 64 hexadecimal digits, shown as their first twelve.

/// The length of a short id.
pub const SHORT: usize = 12;

/// `sha256:` and other prefixes removed, cut to twelve characters.
pub fn truncate(id: &str) -> &str {
    let bare = id.split_once(':').map_or(id, |(_, rest)| rest);
    bare.get(..SHORT).unwrap_or(bare)
}

/// Whether `text` is a full id.
pub fn is_full(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// The 64-digit form of random or digest bytes.
pub fn hex(bytes: &[u8]) -> String {
    let digit = |n: u8| char::from(b"0123456789abcdef"[usize::from(n & 15)]);
    bytes.iter().flat_map(|b| [digit(b >> 4), digit(*b)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_shorten() {
        assert_eq!(truncate("sha256:091b36bbe0bfee3218c6"), "091b36bbe0bf");
        assert_eq!(truncate("abc"), "abc");
        assert_eq!(hex(&[0, 0x1f, 0xa0]), "001fa0");
        assert!(is_full(&"a".repeat(64)) && !is_full(&"A".repeat(64)));
    }
}
