//! Names of things: by chance, or by the digest of what they are.

use docker_api::ids::hex;
use machine::Sys;
use sha2::{Digest, Sha256};

/// A new id of 64 digits, whose first twelve are not all decimal (they would look like a number).
pub fn new_id(sys: &Sys) -> String {
    loop {
        let id = random_id(sys);
        if id[..12].bytes().any(|b| b.is_ascii_alphabetic()) {
            return id;
        }
    }
}

/// A new random id of 64 digits.
pub fn random_id(sys: &Sys) -> String {
    let mut bytes = [0; 32];
    sys.random(&mut bytes);
    hex(&bytes)
}

/// A name for `overlay2/l`: 26 letters and digits of base 32.
pub fn random_link(sys: &Sys) -> String {
    let mut bytes = [0; 26];
    sys.random(&mut bytes);
    bytes.iter().map(|b| char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[usize::from(b & 31)])).collect()
}

/// A random UUID, which is what a daemon is called.
pub fn uuid(sys: &Sys) -> String {
    let id = random_id(sys);
    format!("{}-{}-4{}-a{}-{}", &id[..8], &id[8..12], &id[12..15], &id[15..18], &id[18..30])
}

/// `sha256:` and the digest of `data`.
pub fn digest(data: &[u8]) -> String {
    format!("sha256:{}", hex(&Sha256::digest(data)))
}

/// 25 letters and digits, as BuildKit names what it makes.
pub fn random_id25(sys: &Sys) -> String {
    let mut bytes = [0; 25];
    sys.random(&mut bytes);
    bytes.iter().map(|b| char::from(b"0123456789abcdefghijklmnopqrstuvwxyz"[usize::from(*b) % 36])).collect()
}
