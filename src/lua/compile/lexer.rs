//! Text to tokens.

use crate::number::parse_number;

/// A token.
#[derive(Clone, Debug, PartialEq)]
pub enum Token {
    /// A keyword or an operator.
    Sym(&'static str),
    /// A single character that is none.
    Char(u8),
    /// A name.
    Name(Vec<u8>),
    /// A string.
    Str(Vec<u8>),
    /// A number.
    Num(f64),
    /// The end.
    End,
}

/// What ends a compilation: the message, with its place.
#[derive(Clone, Debug)]
pub struct SyntaxError(pub Vec<u8>);

const KEYWORDS: [&str; 21] = [
    "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "if", "in", "local", "nil", "not", "or",
    "repeat", "return", "then", "true", "until", "while",
];

const SYMBOLS: [&str; 26] = [
    "...", "..", ".", "==", ">=", "<=", "~=", "+", "-", "*", "/", "%", "^", "#", "<", ">", "=", "(", ")", "{", "}",
    "[", "]", ";", ":", ",",
];

/// Reads tokens.
#[derive(Debug)]
pub struct Lexer<'a> {
    text: &'a [u8],
    at: usize,
    /// Line of the current token's end.
    pub line: u32,
    /// Line of the token before it.
    pub last_line: u32,
    /// The current token.
    pub token: Token,
    ahead: Option<(Token, usize, usize)>,
    /// Where the current token's text stands.
    span: (usize, usize),
    /// For messages.
    pub chunk: Vec<u8>,
}

/// A chunk's name as messages show it, in so many bytes.
pub fn chunk_name(source: &[u8], room: usize) -> Vec<u8> {
    match source.first() {
        Some(b'=') => source[1..].iter().copied().take(room - 1).collect(),
        Some(b'@') => {
            let rest = &source[1..];
            let room = room - 8;
            if rest.len() > room { [b"...", &rest[rest.len() - room..]].concat() } else { rest.to_vec() }
        }
        _ => {
            let end = source.iter().position(|c| matches!(c, b'\n' | b'\r')).unwrap_or(source.len());
            let room = room - 17;
            let mut name = b"[string \"".to_vec();
            if end < source.len() || end > room {
                name.extend_from_slice(&source[..end.min(room)]);
                name.extend_from_slice(b"...");
            } else {
                name.extend_from_slice(source);
            }
            name.extend_from_slice(b"\"]");
            name
        }
    }
}

impl<'a> Lexer<'a> {
    /// Begins to read.
    pub fn new(text: &'a [u8], source: &[u8]) -> Lexer<'a> {
        Lexer {
            text,
            at: 0,
            line: 1,
            last_line: 1,
            token: Token::End,
            ahead: None,
            span: (0, 0),
            chunk: chunk_name(source, 80),
        }
    }

    fn peek(&self) -> u8 {
        self.byte(0)
    }

    /// A byte further on; 0 after the end.
    fn byte(&self, n: usize) -> u8 {
        self.text.get(self.at + n).copied().unwrap_or(0)
    }

    fn ended(&self) -> bool {
        self.at >= self.text.len()
    }

    /// A message at this line.
    pub fn error_plain(&self, message: &str) -> SyntaxError {
        let mut text = self.chunk.clone();
        text.extend_from_slice(format!(":{}: {message}", self.line).as_bytes());
        SyntaxError(text)
    }

    fn error_near(&self, message: &str, near: &[u8]) -> SyntaxError {
        let mut error = self.error_plain(message);
        error.0.extend_from_slice(b" near '");
        error.0.extend_from_slice(near);
        error.0.push(b'\'');
        error
    }

    /// A message about the current token.
    pub fn error(&self, message: &str) -> SyntaxError {
        match &self.token {
            Token::Name(_) | Token::Str(_) | Token::Num(_) => {
                let end = self.text[self.span.0..self.span.1].iter().position(|c| *c == 0);
                let end = end.map_or(self.span.1, |n| self.span.0 + n);
                self.error_near(message, &self.text[self.span.0..end])
            }
            // C's lexer takes the number of that token for none.
            Token::Char(0) => self.error_plain(message),
            other => self.error_near(message, &show(other)),
        }
    }

    /// Goes on to the next token.
    pub fn next(&mut self) -> Result<(), SyntaxError> {
        self.last_line = self.line;
        match self.ahead.take() {
            Some((token, from, to)) => {
                self.token = token;
                self.span = (from, to);
            }
            None => {
                let (token, from) = self.scan()?;
                self.token = token;
                self.span = (from, self.at);
            }
        }
        Ok(())
    }

    /// The token after the current one.
    pub fn look_ahead(&mut self) -> Result<&Token, SyntaxError> {
        if self.ahead.is_none() {
            let (token, from) = self.scan()?;
            self.ahead = Some((token, from, self.at));
        }
        Ok(self.ahead.as_ref().map_or(&Token::End, |a| &a.0))
    }

    fn newline(&mut self) -> Result<(), SyntaxError> {
        let first = self.peek();
        self.at += 1;
        if matches!(self.peek(), b'\n' | b'\r') && self.peek() != first {
            self.at += 1;
        }
        self.line += 1;
        if self.line >= i32::MAX as u32 { Err(self.error_plain("chunk has too many lines")) } else { Ok(()) }
    }

    fn scan(&mut self) -> Result<(Token, usize), SyntaxError> {
        loop {
            let from = self.at;
            if self.ended() {
                return Ok((Token::End, from));
            }
            let c = self.peek();
            match c {
                b'\n' | b'\r' => self.newline()?,
                b' ' | b'\t' | 0x0b | 0x0c => self.at += 1,
                b'-' if self.byte(1) == b'-' => self.comment()?,
                b'[' => {
                    return match self.long_level() {
                        Ok(level) => Ok((Token::Str(self.long_string(level, true)?), from)),
                        Err(0) => {
                            self.at += 1;
                            Ok((Token::Sym("["), from))
                        }
                        Err(n) => Err(self.error_near("invalid long string delimiter", &self.text[from..from + n])),
                    };
                }
                b'"' | b'\'' => return Ok((Token::Str(self.string(c)?), from)),
                b'0'..=b'9' => return Ok((self.number()?, from)),
                b'.' if self.byte(1).is_ascii_digit() => return Ok((self.number()?, from)),
                b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
                    while self.peek().is_ascii_alphanumeric() || self.peek() == b'_' {
                        self.at += 1;
                    }
                    let word = &self.text[from..self.at];
                    let token = match KEYWORDS.iter().find(|k| k.as_bytes() == word) {
                        Some(keyword) => Token::Sym(keyword),
                        None => Token::Name(word.to_vec()),
                    };
                    return Ok((token, from));
                }
                _ => {
                    let rest = &self.text[self.at..];
                    let token = match SYMBOLS.iter().find(|s| rest.starts_with(s.as_bytes())) {
                        Some(symbol) => {
                            self.at += symbol.len();
                            Token::Sym(symbol)
                        }
                        None => {
                            self.at += 1;
                            Token::Char(c)
                        }
                    };
                    return Ok((token, from));
                }
            }
        }
    }

    fn comment(&mut self) -> Result<(), SyntaxError> {
        self.at += 2;
        if self.peek() == b'['
            && let Ok(level) = self.long_level()
        {
            self.long_string(level, false)?;
            return Ok(());
        }
        while !self.ended() && !matches!(self.peek(), b'\n' | b'\r') {
            self.at += 1;
        }
        Ok(())
    }

    /// The level of a long bracket that begins here; `Err` with the length of what looks like one but is not.
    fn long_level(&self) -> Result<usize, usize> {
        let level = self.text[self.at + 1..].iter().take_while(|c| **c == b'=').count();
        if self.byte(level + 1) == b'[' {
            Ok(level)
        } else if level == 0 {
            Err(0)
        } else {
            Err(level + 1)
        }
    }

    fn long_string(&mut self, level: usize, is_string: bool) -> Result<Vec<u8>, SyntaxError> {
        self.at += level + 2;
        let mut out = Vec::new();
        if matches!(self.peek(), b'\n' | b'\r') && !self.ended() {
            self.newline()?;
        }
        loop {
            if self.ended() {
                let what = if is_string { "unfinished long string" } else { "unfinished long comment" };
                return Err(self.error_near(what, b"<eof>"));
            }
            match self.peek() {
                b']' => {
                    let equal = self.text[self.at + 1..].iter().take_while(|c| **c == b'=').count();
                    if equal == level && self.byte(level + 1) == b']' {
                        self.at += level + 2;
                        return Ok(out);
                    }
                    out.push(b']');
                    self.at += 1;
                }
                b'[' if level == 0 && self.byte(1) == b'[' => {
                    return Err(self.error_near("nesting of [[...]] is deprecated", b"["));
                }
                b'\n' | b'\r' => {
                    self.newline()?;
                    out.push(b'\n');
                }
                c => {
                    out.push(c);
                    self.at += 1;
                }
            }
        }
    }

    fn string(&mut self, quote: u8) -> Result<Vec<u8>, SyntaxError> {
        let from = self.at;
        self.at += 1;
        let mut out = Vec::new();
        loop {
            if self.ended() {
                return Err(self.error_near("unfinished string", b"<eof>"));
            }
            match self.peek() {
                b'\n' | b'\r' => return Err(self.error_near("unfinished string", &self.text[from..self.at])),
                b'\\' => self.escape(from, &mut out)?,
                c => {
                    self.at += 1;
                    if c == quote {
                        return Ok(out);
                    }
                    out.push(c);
                }
            }
        }
    }

    fn escape(&mut self, from: usize, out: &mut Vec<u8>) -> Result<(), SyntaxError> {
        let begin = self.at;
        self.at += 1;
        if self.ended() {
            return Ok(());
        }
        let c = self.peek();
        let plain = match c {
            b'a' => 7,
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'v' => 11,
            b'\n' | b'\r' => {
                self.newline()?;
                out.push(b'\n');
                return Ok(());
            }
            b'0'..=b'9' => {
                let mut value = 0u32;
                for _ in 0..3 {
                    if !self.peek().is_ascii_digit() || self.ended() {
                        break;
                    }
                    value = value * 10 + u32::from(self.peek() - b'0');
                    self.at += 1;
                }
                let Ok(byte) = u8::try_from(value) else {
                    return Err(self.error_near("escape sequence too large", &self.text[from..begin]));
                };
                out.push(byte);
                return Ok(());
            }
            other => other,
        };
        out.push(plain);
        self.at += 1;
        Ok(())
    }

    fn number(&mut self) -> Result<Token, SyntaxError> {
        let from = self.at;
        while self.peek().is_ascii_digit() || self.peek() == b'.' {
            self.at += 1;
        }
        if matches!(self.peek(), b'e' | b'E') {
            self.at += 1;
            if matches!(self.peek(), b'+' | b'-') {
                self.at += 1;
            }
        }
        while self.peek().is_ascii_alphanumeric() || self.peek() == b'_' {
            self.at += 1;
        }
        let text = &self.text[from..self.at];
        match parse_number(text) {
            Some(n) => Ok(Token::Num(n)),
            None => Err(self.error_near("malformed number", text)),
        }
    }
}

/// A token as messages show it.
fn show(token: &Token) -> Vec<u8> {
    match token {
        Token::Sym(s) => s.as_bytes().to_vec(),
        Token::Char(c) if c.is_ascii_control() => format!("char({c})").into_bytes(),
        Token::Char(c) => vec![*c],
        Token::Name(s) | Token::Str(s) => s.clone(),
        Token::Num(n) => crate::number::show_number(*n).into_bytes(),
        Token::End => b"<eof>".to_vec(),
    }
}
