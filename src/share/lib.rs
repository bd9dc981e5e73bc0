//! The versioned link codec: a session (which engine build, which seed, which inputs) as text for a URL's fragment.
//!
//! A link is base64url of `version u8, build u32, check u32, deflate(payload)`. The payload keeps like with like, so
//! that it deflates well: seed, names, operations, times, then the typed text (see [`mod@payload`]). The deflate
//! window starts out holding a fixed text of commands that people here type ([`dictionary`]); it belongs to the version.
//!
//! Links live for ever: whatever version 1 wrote must decode to the same log in every later build. A change of the
//! payload, of the dictionary or of a constant that both use is a new version beside the old.

mod bytes;
mod deflate;
mod dictionary;
mod error;
mod payload;

pub use error::{DecodeError, EncodeError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// What a replay needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The engine build that made it: on an equal one the replay is exact.
    pub build: u32,
    /// The world's seed.
    pub seed: u64,
    /// Its inputs, in order.
    pub log: Vec<Entry>,
}

/// One input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Virtual time in nanoseconds; never less than the entry's before.
    pub at_ns: u64,
    /// What came in.
    pub action: Action,
}

/// What can come in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// A terminal was opened.
    Open {
        /// Its name.
        tty: String,
        /// Its width.
        cols: u16,
        /// Its height.
        rows: u16,
    },
    /// A terminal was hung up.
    Close {
        /// Its name.
        tty: String,
    },
    /// Bytes were typed or pasted.
    Keys {
        /// The terminal's name.
        tty: String,
        /// What the keyboard sent in one go.
        bytes: Vec<u8>,
    },
    /// A terminal got another size.
    Resize {
        /// Its name.
        tty: String,
        /// Its width.
        cols: u16,
        /// Its height.
        rows: u16,
    },
    /// A file was written from outside the machine.
    Write {
        /// Where.
        path: String,
        /// Its content.
        data: Vec<u8>,
    },
}

/// Inputs stamped with multiples of this encode smallest: keys typed by hand lie one to three steps apart.
pub const STAMP_GRID_NS: u64 = 64_000_000;

const VERSION: u8 = 1;
/// A first byte beyond this is no version that there will ever be, but damage.
const LIKELY_VERSION: u8 = 31;
const HEAD: usize = 9;
/// No link is longer than this: a browser's limits lie here too.
const MAX_TEXT: usize = 1 << 20;
/// What a link may unpack to.
const MAX_PAYLOAD: usize = 1 << 20;

/// Writes a link's text.
///
/// # Errors
/// Where the session is too long for a link, or its times run backwards.
pub fn encode(link: &Link) -> Result<String, EncodeError> {
    let payload = payload::write(link)?;
    if payload.len() > MAX_PAYLOAD {
        return Err(EncodeError::TooLong);
    }
    let mut bytes = vec![VERSION];
    bytes.extend_from_slice(&link.build.to_le_bytes());
    bytes.extend_from_slice(&check(link.build, &payload).to_le_bytes());
    bytes.extend_from_slice(&deflate::compress(dictionary::V1, &payload));
    let text = URL_SAFE_NO_PAD.encode(bytes);
    if text.len() > MAX_TEXT { Err(EncodeError::TooLong) } else { Ok(text) }
}

/// Reads a link's text. Never panics, and never takes more than a few times [`MAX_PAYLOAD`] of memory.
///
/// # Errors
/// What is wrong with it.
pub fn decode(text: &str) -> Result<Link, DecodeError> {
    if text.len() > MAX_TEXT {
        return Err(DecodeError::TooLarge);
    }
    let bytes = URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).map_err(|error| match error {
        base64::DecodeError::InvalidLength(_) | base64::DecodeError::InvalidLastSymbol(..) => DecodeError::Truncated,
        _ => DecodeError::Corrupt,
    })?;
    let (&version, _) = bytes.split_first().ok_or(DecodeError::Truncated)?;
    if version != VERSION {
        let newer = (VERSION..=LIKELY_VERSION).contains(&version);
        return Err(if newer { DecodeError::TooNew } else { DecodeError::Corrupt });
    }
    let (head, body) = bytes.split_at_checked(HEAD).ok_or(DecodeError::Truncated)?;
    let word = |at: usize| head.get(at..at + 4).and_then(|part| part.try_into().ok()).map_or(0, u32::from_le_bytes);
    let (build, expected) = (word(1), word(5));
    let payload = deflate::expand(dictionary::V1, body, MAX_PAYLOAD)?;
    if check(build, &payload) != expected {
        return Err(DecodeError::Corrupt);
    }
    payload::read(build, &payload)
}

/// FNV-1a: finds accidents (a chat that changed a letter), not attackers; hostile links are bounded instead.
fn check(build: u32, payload: &[u8]) -> u32 {
    let bytes = build.to_le_bytes();
    bytes.iter().chain(payload).fold(0x811c_9dc5, |hash, &byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests;
