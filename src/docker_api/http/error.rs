//! What is wrong with a message.

use std::fmt;

/// Why a message could not be understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HttpError {
    /// The head is longer than [`MAX_HEAD`](super::MAX_HEAD).
    HeadTooLarge,
    /// The start line or a header line is malformed.
    BadHead,
    /// Content-Length is no number or contradicts itself.
    BadLength,
    /// A chunk's size line or its end is malformed.
    BadChunk,
}

impl fmt::Display for HttpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            HttpError::HeadTooLarge => "header too large",
            HttpError::BadHead => "malformed HTTP head",
            HttpError::BadLength => "bad Content-Length",
            HttpError::BadChunk => "malformed chunked encoding",
        })
    }
}
