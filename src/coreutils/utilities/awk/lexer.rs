//! Program text to tokens.

use std::rc::Rc;

use super::error::{Fault, Wrong};

/// A token.
#[derive(Clone, PartialEq, Debug)]
pub enum Token {
    Number(f64),
    Text(Rc<str>),
    Regex(Rc<str>),
    /// A word; whether `(` follows at once.
    Name(String, bool),
    /// A reserved word or a built-in function.
    Word(&'static str),
    /// An operator or a separator.
    Sign(&'static str),
    Newline,
    End,
}

/// Reserved words and built-in functions.
const WORDS: &[&str] = &[
    "BEGIN", "END", "atan2", "break", "close", "continue", "cos", "delete", "do", "else", "exit", "exp", "fflush",
    "for", "func", "function", "getline", "gsub", "if", "in", "index", "int", "length", "log", "match", "next",
    "nextfile", "print", "printf", "rand", "return", "sin", "split", "sprintf", "sqrt", "srand", "strftime", "sub",
    "substr", "system", "systime", "tolower", "toupper", "while",
];

/// Operators, longer ones first.
const SIGNS: &[&str] = &[
    "&&", "||", "++", "--", "+=", "-=", "*=", "/=", "%=", "^=", "==", "<=", ">=", "!=", "!~", ">>", "{", "}", "(", ")",
    "[", "]", ";", ",", "+", "-", "*", "/", "%", "^", "!", ">", "<", "|", "?", ":", "~", "$", "=",
];

/// Reads a whole program; each token with its line.
pub fn tokens(program: &str) -> Result<Vec<(Token, usize)>, Wrong> {
    let mut lexer = Lexer { rest: program, line: 1, out: Vec::new() };
    while lexer.step()? {}
    let line = lexer.line;
    lexer.out.push((Token::End, line));
    Ok(lexer.out)
}

struct Lexer<'a> {
    rest: &'a str,
    line: usize,
    out: Vec<(Token, usize)>,
}

impl Lexer<'_> {
    fn push(&mut self, token: Token, length: usize) {
        self.out.push((token, self.line));
        self.rest = &self.rest[length..];
    }

    /// Reads one token; false at the end.
    fn step(&mut self) -> Result<bool, Wrong> {
        let Some(c) = self.rest.chars().next() else { return Ok(false) };
        match c {
            ' ' | '\t' | '\r' => self.rest = &self.rest[1..],
            '\\' if self.rest[1..].starts_with('\n') => {
                self.rest = &self.rest[2..];
                self.line += 1;
            }
            '\\' if self.rest[1..].starts_with("\r\n") => {
                self.rest = &self.rest[3..];
                self.line += 1;
            }
            '#' => self.rest = self.rest.find('\n').map_or("", |at| &self.rest[at..]),
            '\n' => {
                self.push(Token::Newline, 1);
                self.line += 1;
            }
            '"' => self.text()?,
            '/' if self.regex_may_begin() => self.regex()?,
            _ if c.is_ascii_digit() || (c == '.' && self.rest[1..].starts_with(|d: char| d.is_ascii_digit())) => {
                let (value, length) = super::value::number_prefix(self.rest, false);
                self.push(Token::Number(value), length.max(1));
            }
            _ if c.is_ascii_alphabetic() || c == '_' => self.word(),
            _ => match SIGNS.iter().find(|s| self.rest.starts_with(**s)) {
                Some(sign) => self.push(Token::Sign(sign), sign.len()),
                None => return Err(Wrong { line: self.line, what: Fault::Character(c) }),
            },
        }
        Ok(true)
    }

    /// A `/` behind an operand divides.
    fn regex_may_begin(&self) -> bool {
        match self.out.last().map(|(token, _)| token) {
            None | Some(Token::Newline) => true,
            Some(Token::Number(_) | Token::Text(_) | Token::Regex(_) | Token::Name(..) | Token::End) => false,
            Some(Token::Word(word)) => *word != "length",
            Some(Token::Sign(sign)) => !matches!(*sign, ")" | "]" | "$" | "++" | "--"),
        }
    }

    fn word(&mut self) {
        let end = self.rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(self.rest.len());
        let word = &self.rest[..end];
        let token = match WORDS.iter().find(|w| **w == word) {
            Some(&"func") => Token::Word("function"),
            Some(known) => Token::Word(known),
            None => Token::Name(word.to_string(), self.rest[end..].starts_with('(')),
        };
        self.push(token, end);
    }

    fn runaway(&self) -> Wrong {
        let text = self.rest.lines().next().unwrap_or("").to_string();
        Wrong { line: self.line, what: Fault::Runaway(text) }
    }

    fn text(&mut self) -> Result<(), Wrong> {
        let mut at = 1;
        loop {
            match self.rest.as_bytes().get(at) {
                None | Some(b'\n') => return Err(self.runaway()),
                Some(b'"') => break,
                Some(b'\\') => {
                    self.line += usize::from(self.rest.as_bytes().get(at + 1) == Some(&b'\n'));
                    at += 2;
                }
                Some(_) => at += 1,
            }
        }
        let text = unescape(&self.rest[1..at]);
        self.push(Token::Text(text.into()), at + 1);
        Ok(())
    }

    /// A regular expression; a `/` in a bracket expression or behind a backslash does not end it.
    fn regex(&mut self) -> Result<(), Wrong> {
        let bytes = self.rest.as_bytes();
        let (mut at, mut text, mut from) = (1, String::new(), 1);
        loop {
            match bytes.get(at) {
                None | Some(b'\n') => return Err(self.runaway()),
                Some(b'/') => break,
                Some(b'\\') if bytes.get(at + 1) == Some(&b'/') => {
                    text.push_str(&self.rest[from..at]);
                    from = at + 1;
                    at += 2;
                }
                Some(b'\\') => at += 2,
                Some(_) => at += 1,
            }
        }
        text.push_str(&self.rest[from..at]);
        self.push(Token::Regex(text.into()), at + 1);
        Ok(())
    }
}

/// The escape sequences of string constants and of `-v`'s values. Unknown ones stay as they are, so that `"\."` works
/// as a regular expression.
pub fn unescape(text: &str) -> String {
    let mut out: Vec<u8> = Vec::new();
    let bytes = machine::text::to_bytes(text);
    let mut at = 0;
    while let Some(&c) = bytes.get(at) {
        at += 1;
        if c != b'\\' {
            out.push(c);
            continue;
        }
        let escaped = bytes.get(at).copied();
        at += 1;
        match escaped {
            Some(b'n') => out.push(b'\n'),
            Some(b't') => out.push(b'\t'),
            Some(b'r') => out.push(b'\r'),
            Some(b'a') => out.push(7),
            Some(b'b') => out.push(8),
            Some(b'f') => out.push(12),
            Some(b'v') => out.push(11),
            Some(c @ (b'"' | b'\\')) => out.push(c),
            Some(b'\n') => {}
            Some(b'0'..=b'7') => {
                at -= 1;
                out.push(digits(&bytes, &mut at, 3, 8));
            }
            Some(b'x') if bytes.get(at).is_some_and(u8::is_ascii_hexdigit) => out.push(digits(&bytes, &mut at, 2, 16)),
            Some(c) => out.extend([b'\\', c]),
            None => out.push(b'\\'),
        }
    }
    machine::text::from_bytes(&out)
}

fn digits(bytes: &[u8], at: &mut usize, most: usize, radix: u32) -> u8 {
    let mut value = 0u32;
    for _ in 0..most {
        let Some(digit) = bytes.get(*at).and_then(|b| char::from(*b).to_digit(radix)) else { break };
        value = value * radix + digit;
        *at += 1;
    }
    value as u8
}
