//! Text to tree: the shell's grammar (POSIX XCU 2, bash(1) "SHELL GRAMMAR").

pub mod ast;
mod compound;
mod cond;
mod error;
mod heredoc;
mod lexer;
mod param;
mod parser;
pub mod print;
mod quote;
mod simple;
#[cfg(test)]
mod tests;
mod word;

pub use error::SyntaxError;
pub use parser::{Options, Parser};

/// What parsing gives.
pub type ParseResult<T> = Result<T, SyntaxError>;

/// Words that the grammar reserves, sorted.
pub const RESERVED: &[&str] = &[
    "!", "[[", "]]", "case", "coproc", "do", "done", "elif", "else", "esac", "fi", "for", "function", "if", "in",
    "select", "then", "time", "until", "while", "{", "}",
];

/// Whether the grammar reserves the word.
pub fn is_reserved(word: &str) -> bool {
    RESERVED.binary_search(&word).is_ok()
}

/// Whether the text is a variable name.
pub fn is_name(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|b| b == b'_' || b.is_ascii_alphabetic())
        && bytes.all(|b| b == b'_' || b.is_ascii_alphanumeric())
}
