//! The slots of a cluster: which one a key belongs to (`redis: cluster-spec.md`).

/// How many slots a cluster divides its keys into.
pub const SLOTS: usize = 16384;

/// The slot of a key: the CRC16 of its hash tag, or of all of it.
pub fn slot_of(key: &[u8]) -> usize {
    usize::from(crc16::State::<crc16::XMODEM>::calculate(tag_of(key))) & (SLOTS - 1)
}

/// The part of a key that decides its slot: what stands between the first `{` and the next `}`, if
/// that is not empty.
pub fn tag_of(key: &[u8]) -> &[u8] {
    let Some(open) = key.iter().position(|c| *c == b'{') else { return key };
    match key[open + 1..].iter().position(|c| *c == b'}') {
        Some(len) if len > 0 => &key[open + 1..open + 1 + len],
        _ => key,
    }
}

/// The one slot of all keys that a pattern matches, if that can be told from the pattern.
pub fn slot_of_pattern(pattern: &[u8]) -> Option<usize> {
    let special = pattern.iter().position(|c| matches!(c, b'*' | b'?' | b'[' | b'\\')).unwrap_or(pattern.len());
    // A tag counts if it ends before anything that may match several texts.
    let tag = tag_of(&pattern[..special]);
    (special == pattern.len() || tag.len() < special).then(|| slot_of(pattern))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_follow_hash_tags() {
        assert_eq!(slot_of(b"foo"), 12182);
        assert_eq!(slot_of(b"{foo}bar"), 12182);
        assert_eq!(slot_of(b"x{foo}y{bar}"), 12182);
        assert_eq!(slot_of(b"{}foo"), usize::from(crc16::State::<crc16::XMODEM>::calculate(b"{}foo")) % SLOTS);
        assert_eq!(tag_of(b"a{b"), b"a{b");
        assert_eq!(slot_of_pattern(b"x*{foo}"), None);
        assert_eq!(slot_of_pattern(b"{foo}*->f"), Some(12182));
        assert_eq!(slot_of_pattern(b"foo"), Some(12182));
        assert_eq!(slot_of_pattern(b"{}*"), None);
    }
}
