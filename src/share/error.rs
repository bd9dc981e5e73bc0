//! What can be wrong with a link.

use std::fmt;

/// Why a session makes no link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EncodeError {
    /// It holds more than a link may carry.
    TooLong,
    /// An entry's time lies before the one before it.
    TimesRunBackwards,
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            EncodeError::TooLong => "the session is too long for a link",
            EncodeError::TimesRunBackwards => "the session's times run backwards",
        })
    }
}

impl std::error::Error for EncodeError {}

/// Why a text is no link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecodeError {
    /// Its end is missing.
    Truncated,
    /// It was changed, or never was a link.
    Corrupt,
    /// A later version wrote it.
    TooNew,
    /// It is, or unpacks to, more than a link may carry.
    TooLarge,
}

impl DecodeError {
    /// A short name, for callers that word the message themselves.
    pub fn code(self) -> &'static str {
        match self {
            DecodeError::Truncated => "truncated",
            DecodeError::Corrupt => "corrupt",
            DecodeError::TooNew => "too-new",
            DecodeError::TooLarge => "too-large",
        }
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            DecodeError::Truncated => "the link's end is missing",
            DecodeError::Corrupt => "the link is damaged",
            DecodeError::TooNew => "the link comes from a newer version",
            DecodeError::TooLarge => "the link is too large",
        })
    }
}

impl std::error::Error for DecodeError {}
