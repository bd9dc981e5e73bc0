//! The cursor: characters, blanks, comments, operators, and the names of tokens in errors.

use super::parser::Parser;
use super::{ParseResult, RESERVED, SyntaxError};

/// Operators, longest first.
const OPERATORS: &[&str] = &[
    ";;&", "<<<", "<<-", "&>>", ";;", ";&", "&&", "||", "|&", "<<", ">>", "<&", ">&", "<>", ">|", "&>", "|", "&", ";",
    "<", ">", "(", ")",
];

/// Constructs inside each other beyond which the parser gives up.
const MAX_DEPTH: u32 = 120;

/// Whether the byte ends a word.
pub fn is_meta(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')')
}

impl Parser<'_> {
    /// The byte at the cursor.
    pub(super) fn byte(&self) -> Option<u8> {
        self.src.as_bytes().get(self.pos).copied()
    }

    /// The byte some bytes ahead.
    pub(super) fn ahead(&self, distance: usize) -> Option<u8> {
        self.src.as_bytes().get(self.pos + distance).copied()
    }

    /// What is left.
    pub(super) fn rest(&self) -> &str {
        self.src.get(self.pos..).unwrap_or("")
    }

    /// Takes one character.
    pub(super) fn bump(&mut self) -> Option<char> {
        let c = self.rest().chars().next()?;
        self.pos += c.len_utf8();
        if c == '\n' {
            self.line += 1;
        }
        Some(c)
    }

    /// Takes the text if it comes next.
    pub(super) fn eat(&mut self, text: &str) -> bool {
        let found = self.rest().starts_with(text);
        if found {
            for _ in text.chars() {
                self.bump();
            }
        }
        found
    }

    /// Source text from a position to the cursor, without line continuations.
    pub(super) fn text_since(&self, start: usize) -> String {
        self.src.get(start..self.pos).unwrap_or("").replace("\\\n", "")
    }

    /// Skips blanks, line continuations and a comment.
    pub(super) fn skip_blanks(&mut self) {
        loop {
            match self.byte() {
                Some(b' ' | b'\t') => self.pos += 1,
                Some(b'\\') if self.ahead(1) == Some(b'\n') => {
                    self.pos += 2;
                    self.line += 1;
                }
                Some(b'#') if self.options.comments && self.at_token_start() => {
                    while self.byte().is_some_and(|b| b != b'\n') {
                        self.bump();
                    }
                }
                _ => return,
            }
        }
    }

    fn at_token_start(&self) -> bool {
        self.pos == 0 || self.src.as_bytes().get(self.pos - 1).is_some_and(|&b| is_meta(b))
    }

    /// Skips blanks, comments and newlines, reading the here-documents that begin after a newline.
    pub(super) fn skip_newlines(&mut self) -> ParseResult<()> {
        loop {
            self.skip_blanks();
            if self.byte() != Some(b'\n') {
                return Ok(());
            }
            self.newline()?;
        }
    }

    /// Takes a newline and the here-documents after it.
    pub(super) fn newline(&mut self) -> ParseResult<()> {
        self.bump();
        self.read_heredocs()
    }

    /// The operator at the cursor.
    pub(super) fn operator(&self) -> Option<&'static str> {
        let rest = self.rest();
        OPERATORS.iter().find(|op| rest.starts_with(**op)).copied()
    }

    /// Whether the operator comes next, and not a longer one.
    pub(super) fn at_operator(&self, op: &str) -> bool {
        self.operator() == Some(op)
    }

    /// Takes the operator if it comes next, after blanks.
    pub(super) fn eat_operator(&mut self, op: &str) -> bool {
        self.skip_blanks();
        self.at_operator(op) && self.eat(op)
    }

    /// The reserved word at the cursor.
    pub(super) fn reserved(&self) -> Option<&'static str> {
        let rest = self.rest();
        let end = rest.bytes().position(is_meta).unwrap_or(rest.len());
        let word = rest.get(..end)?;
        let found = RESERVED.binary_search(&word).ok().and_then(|i| RESERVED.get(i).copied())?;
        let bash_only = matches!(found, "[[" | "]]" | "select" | "function" | "coproc" | "time");
        (!bash_only || self.options.bash || (self.options.ash && found != "select" && found != "coproc"))
            .then_some(found)
    }

    /// Takes the reserved word if it comes next, after blanks.
    pub(super) fn eat_reserved(&mut self, word: &str) -> bool {
        self.skip_blanks();
        self.reserved() == Some(word) && self.eat(word)
    }

    /// Takes the reserved word or fails.
    pub(super) fn expect_reserved(&mut self, word: &'static str) -> ParseResult<()> {
        self.skip_newlines()?;
        if self.eat_reserved(word) { Ok(()) } else { Err(self.unexpected(Some(word))) }
    }

    /// The error for the token at the cursor.
    pub(super) fn unexpected(&mut self, expecting: Option<&'static str>) -> SyntaxError {
        self.skip_blanks();
        let line = self.line;
        if self.byte().is_none() {
            return SyntaxError::End { line: self.end_line(), expecting };
        }
        let token = if self.byte() == Some(b'\n') {
            "newline".to_string()
        } else if let Some(op) = self.operator() {
            op.to_string()
        } else {
            match self.word() {
                Ok(Some(word)) => word.text,
                Ok(None) => self.rest().chars().next().map(String::from).unwrap_or_default(),
                Err(error) => return error,
            }
        };
        SyntaxError::Token { token, line, expecting }
    }

    /// The line number that bash gives the end of the input.
    pub(super) fn end_line(&self) -> u32 {
        self.line + u32::from(!self.src.ends_with('\n'))
    }

    /// Counts a construct in; pair with [`Parser::leave`].
    pub(super) fn enter(&mut self) -> ParseResult<()> {
        self.depth += 1;
        if self.depth > MAX_DEPTH { Err(SyntaxError::TooDeep { line: self.line }) } else { Ok(()) }
    }

    /// Counts a construct out.
    pub(super) fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }
}
