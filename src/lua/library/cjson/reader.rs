//! The tokens of JSON.

use crate::number::parse_prefix;
use crate::value::Value;
use crate::vm::Lua;

/// A token of JSON.
#[derive(Clone, Debug, PartialEq)]
pub enum Token {
    Char(u8),
    Str(Vec<u8>),
    Num(f64),
    Bool(bool),
    Null,
    End,
    Bad(&'static str),
}

impl Token {
    fn name(&self) -> &'static str {
        match self {
            Token::Char(b'{') => "T_OBJ_BEGIN",
            Token::Char(b'}') => "T_OBJ_END",
            Token::Char(b'[') => "T_ARR_BEGIN",
            Token::Char(b']') => "T_ARR_END",
            Token::Char(b':') => "T_COLON",
            Token::Char(_) => "T_COMMA",
            Token::Str(_) => "T_STRING",
            Token::Num(_) => "T_NUMBER",
            Token::Bool(_) => "T_BOOLEAN",
            Token::Null => "T_NULL",
            Token::End => "T_END",
            Token::Bad(text) => text,
        }
    }
}

/// Reads JSON.
pub struct Reader<'a> {
    /// The text.
    pub text: &'a [u8],
    /// How far it is read, in bytes.
    pub at: usize,
    /// Where the current token begins.
    pub start: usize,
    /// Whether numbers that JSON does not know are read.
    pub invalid_numbers: bool,
}

impl Reader<'_> {
    fn byte(&self, n: usize) -> u8 {
        self.text.get(self.at + n).copied().unwrap_or(0)
    }

    fn bad(&mut self, text: &'static str) -> Token {
        self.start = self.at;
        Token::Bad(text)
    }

    pub fn next(&mut self) -> Token {
        while matches!(self.byte(0), b' ' | b'\t' | b'\n' | b'\r') {
            self.at += 1;
        }
        self.start = self.at;
        let c = self.byte(0);
        let rest = self.text.get(self.at..).unwrap_or_default();
        match c {
            0 => Token::End,
            b'{' | b'}' | b'[' | b']' | b':' | b',' => {
                self.at += 1;
                Token::Char(c)
            }
            b'"' => self.string(),
            b'-' | b'0'..=b'9' => {
                if !self.invalid_numbers && self.is_invalid_number() {
                    self.bad("invalid number")
                } else {
                    self.number()
                }
            }
            b'f' | b'i' | b'I' | b'n' | b'N' | b't' | b'+' => {
                for (word, token) in [("true", Token::Bool(true)), ("false", Token::Bool(false)), ("null", Token::Null)]
                {
                    if rest.starts_with(word.as_bytes()) {
                        self.at += word.len();
                        return token;
                    }
                }
                if self.invalid_numbers && self.is_invalid_number() { self.number() } else { self.bad("invalid token") }
            }
            _ => self.bad("invalid token"),
        }
    }

    /// What `strtod` reads but JSON does not allow.
    fn is_invalid_number(&self) -> bool {
        let rest = self.text.get(self.at..).unwrap_or_default();
        if rest.first() == Some(&b'+') {
            return true;
        }
        let digits = rest.strip_prefix(b"-").unwrap_or(rest);
        let next = digits.get(1).copied().unwrap_or(0);
        match digits.first().copied().unwrap_or(0) {
            b'0' => matches!(next, b'x' | b'X' | b'0'..=b'9'),
            0..=b'9' => false,
            _ => digits.get(..3).is_some_and(|w| w.eq_ignore_ascii_case(b"inf") || w.eq_ignore_ascii_case(b"nan")),
        }
    }

    fn number(&mut self) -> Token {
        match parse_prefix(&self.text[self.at..]) {
            Some((n, length)) => {
                self.at += length;
                Token::Num(n)
            }
            None => self.bad("invalid number"),
        }
    }

    fn string(&mut self) -> Token {
        self.at += 1;
        let mut out = Vec::new();
        loop {
            let c = self.byte(0);
            match c {
                b'"' => {
                    self.at += 1;
                    return Token::Str(out);
                }
                0 => return self.bad("unexpected end of string"),
                b'\\' => {
                    let plain = match self.byte(1) {
                        c @ (b'"' | b'\\' | b'/') => c,
                        b'b' => 8,
                        b't' => 9,
                        b'n' => 10,
                        b'f' => 12,
                        b'r' => 13,
                        b'u' => {
                            let Some(length) = self.unicode(&mut out) else {
                                return self.bad("invalid unicode escape code");
                            };
                            self.at += length;
                            continue;
                        }
                        _ => return self.bad("invalid escape code"),
                    };
                    out.push(plain);
                    self.at += 2;
                }
                c => {
                    out.push(c);
                    self.at += 1;
                }
            }
        }
    }

    fn hex(&self, from: usize) -> Option<u32> {
        let digits = self.text.get(self.at + from..self.at + from + 4)?;
        digits.iter().try_fold(0, |n, c| Some(n * 16 + (*c as char).to_digit(16)?))
    }

    /// `\uXXXX`, perhaps two of them; its length.
    fn unicode(&self, out: &mut Vec<u8>) -> Option<usize> {
        let mut code = self.hex(2)?;
        let mut length = 6;
        if code & 0xf800 == 0xd800 {
            if code & 0x400 != 0 || self.byte(6) != b'\\' || self.byte(7) != b'u' {
                return None;
            }
            let low = self.hex(8)?;
            if low & 0xfc00 != 0xdc00 {
                return None;
            }
            code = ((code & 0x3ff) << 10 | low & 0x3ff) + 0x10000;
            length = 12;
        }
        let mut utf8 = [0; 4];
        out.extend_from_slice(char::from_u32(code)?.encode_utf8(&mut utf8).as_bytes());
        Some(length)
    }

    pub fn expected(&self, lua: &mut Lua, what: &str, found: &Token) -> Value {
        lua.native_error(&format!("Expected {what} but found {} at character {}", found.name(), self.start + 1))
    }

    /// The next key of an object, with its colon; `token` is the next token.
    pub fn key(&mut self, lua: &mut Lua, token: Token) -> Result<Value, Value> {
        let Token::Str(name) = token else { return Err(self.expected(lua, "object key string", &token)) };
        let key = lua.heap.owned_string(name);
        let colon = self.next();
        if colon != Token::Char(b':') {
            return Err(self.expected(lua, "colon", &colon));
        }
        Ok(key)
    }
}
