//! XXH3 with 64 bits: the digest of DIGEST and IFDEQ.

/// The hash of `bytes`.
pub fn hash64(bytes: &[u8]) -> u64 {
    // The commands that show it are rare; see `super::index::hash` for the table's own hash.
    super::index::hash(bytes)
}
