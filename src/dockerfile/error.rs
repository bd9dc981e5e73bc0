//! Why a Dockerfile cannot be read.

use crate::node::Lines;

/// An error with the lines that it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// The whole message.
    pub message: String,
    /// First and last line, from 1.
    pub lines: Option<Lines>,
}

impl ParseError {
    /// Without a place.
    pub fn plain(message: impl Into<String>) -> ParseError {
        ParseError { message: message.into(), lines: None }
    }

    /// With a place that the message does not name.
    pub fn at(lines: Lines, message: impl Into<String>) -> ParseError {
        ParseError { message: message.into(), lines: Some(lines) }
    }

    /// `dockerfile parse error on line 3: …`
    pub fn on_line(lines: Lines, message: impl std::fmt::Display) -> ParseError {
        ParseError::at(lines, format!("dockerfile parse error on line {}: {message}", lines.0))
    }
}

impl std::fmt::Display for ParseError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ParseError {}
