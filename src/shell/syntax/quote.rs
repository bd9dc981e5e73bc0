//! Quotes, and everything that `$` and a backquote begin.

use std::rc::Rc;

use super::ast::{Body, Param, ParamOp, Part, Word};
use super::parser::Parser;
use super::{ParseResult, SyntaxError};

impl Parser<'_> {
    /// `'…'` at the cursor.
    pub(super) fn single_quoted(&mut self) -> ParseResult<Part> {
        let line = self.line;
        self.bump();
        let Some(end) = self.rest().find('\'') else {
            return Err(self.unmatched('\'', line));
        };
        let text = self.rest().get(..end).unwrap_or("").to_string();
        self.line += text.matches('\n').count() as u32;
        self.pos += end + 1;
        Ok(Part::Quoted(text))
    }

    /// `"…"` at the cursor.
    pub(super) fn double_quoted(&mut self) -> ParseResult<Part> {
        let line = self.line;
        self.bump();
        self.enter()?;
        let parts = self.quoted_parts(Some('"'), line)?;
        self.leave();
        Ok(Part::DoubleQuoted(parts))
    }

    /// The parts of a here-document, which only `$`, backquotes and some backslashes are special in.
    pub fn text_parts(&mut self) -> ParseResult<Vec<Part>> {
        let line = self.line;
        self.quoted_parts(None, line)
    }

    /// The parts of an arithmetic expression: as in double quotes, but double quotes vanish.
    pub(super) fn arith_word(&self, text: &str, line: u32) -> ParseResult<Word> {
        let mut inner = self.inner(text, line);
        let mut parts = Vec::new();
        while inner.byte().is_some() {
            if inner.byte() == Some(b'"') {
                inner.bump();
                continue;
            }
            let before = inner.pos;
            parts.extend(inner.quoted_parts(Some('"'), line).or_else(|error| match error {
                SyntaxError::Unmatched { close: '"', .. } => {
                    inner.pos = before;
                    inner.quoted_parts(None, line)
                }
                other => Err(other),
            })?);
        }
        Ok(Word { parts, text: text.to_string() })
    }

    fn quoted_parts(&mut self, close: Option<char>, line: u32) -> ParseResult<Vec<Part>> {
        let mut parts = Vec::new();
        let mut text = String::new();
        loop {
            match self.byte() {
                None if close.is_none() => break,
                None => return Err(self.unmatched(close.unwrap_or('"'), line)),
                Some(b'"') if close == Some('"') => {
                    self.bump();
                    break;
                }
                Some(b'\\') => self.quoted_backslash(close, &mut text),
                Some(b'$' | b'`') => match self.dollar(true)? {
                    Some(part) => {
                        if !text.is_empty() {
                            parts.push(Part::Quoted(std::mem::take(&mut text)));
                        }
                        parts.push(part);
                    }
                    None => text.extend(self.bump()),
                },
                Some(_) => text.extend(self.bump()),
            }
        }
        if !text.is_empty() {
            parts.push(Part::Quoted(text));
        }
        Ok(parts)
    }

    pub(super) fn quoted_backslash(&mut self, close: Option<char>, text: &mut String) {
        self.bump();
        match self.byte() {
            Some(b'\n') => {
                self.bump();
            }
            Some(b'$' | b'`' | b'\\') => text.extend(self.bump()),
            Some(b'"') if close == Some('"') => text.extend(self.bump()),
            Some(b'}') if close == Some('}') => text.extend(self.bump()),
            _ => text.push('\\'),
        }
    }

    /// What `$` or a backquote begins; none if the `$` stands for itself.
    pub(super) fn dollar(&mut self, quoted: bool) -> ParseResult<Option<Part>> {
        if self.byte() == Some(b'`') {
            return self.backquote(quoted).map(Some);
        }
        let start = self.pos;
        match self.ahead(1) {
            Some(b'(') => {
                self.enter()?;
                let part = self.dollar_paren(start)?;
                self.leave();
                Ok(Some(part))
            }
            Some(b'{') => {
                self.enter()?;
                let part = self.braced(quoted)?;
                self.leave();
                Ok(Some(part))
            }
            Some(b'[') if self.options.bash => match self.rest().find(']') {
                Some(end) => {
                    let text = self.rest().get(2..end).unwrap_or("").to_string();
                    self.pos += end + 1;
                    Ok(Some(Part::Arith(Box::new(self.arith_word(&text, self.line)?))))
                }
                None => Ok(None),
            },
            Some(b'\'') if !quoted && (self.options.bash || self.options.ash) => {
                self.pos += 1;
                self.ansi_quoted().map(Some)
            }
            Some(b'"') if !quoted && self.options.bash => {
                self.pos += 1;
                self.double_quoted().map(Some)
            }
            Some(c) if c == b'_' || c.is_ascii_alphabetic() => {
                self.pos += 1;
                while self.byte().is_some_and(|b| b == b'_' || b.is_ascii_alphanumeric()) {
                    self.pos += 1;
                }
                Ok(Some(self.plain_param(start)))
            }
            Some(c) if c.is_ascii_digit() || b"@*#?-$!".contains(&c) => {
                self.pos += 2;
                Ok(Some(self.plain_param(start)))
            }
            _ => Ok(None),
        }
    }

    fn plain_param(&self, start: usize) -> Part {
        let text = self.text_since(start);
        let name = text.get(1..).unwrap_or("").to_string();
        Part::Param(Box::new(Param { name, index: None, indirect: false, op: ParamOp::None, text }))
    }

    fn dollar_paren(&mut self, start: usize) -> ParseResult<Part> {
        let line = self.line;
        if self.ahead(2) == Some(b'(')
            && let Some(end) = self.arith_end(start + 3)
        {
            let text = self.src.get(start + 3..end).unwrap_or("").to_string();
            self.pos = end + 2;
            self.line += text.matches('\n').count() as u32;
            return Ok(Part::Arith(Box::new(self.arith_word(&text, line)?)));
        }
        if self.ahead(2) == Some(b'(') && !self.rest().contains("))") {
            return Err(self.unmatched(')', line));
        }
        self.pos += 2;
        Ok(Part::Command(Rc::new(self.body_in_parens(line)?)))
    }

    /// Commands up to a closing parenthesis, which is taken.
    pub(super) fn body_in_parens(&mut self, line: u32) -> ParseResult<Body> {
        let inside = self.pos;
        let pending = std::mem::take(&mut self.pending);
        let list = match self.list_or_empty(Some(")")) {
            Err(SyntaxError::End { .. }) => return Err(self.unmatched_paren(line)),
            other => other?,
        };
        self.skip_newlines()?;
        if self.byte().is_none() {
            return Err(self.unmatched_paren(line));
        }
        if self.byte() != Some(b')') {
            return Err(self.unexpected(Some(")")));
        }
        self.finish_heredocs()?;
        self.pending = pending;
        let text = self.text_since(inside);
        self.bump();
        Ok(Body { list, text })
    }

    fn unmatched_paren(&self, _opened: u32) -> SyntaxError {
        SyntaxError::Unmatched { close: ')', line: self.end_line() }
    }

    /// The error for a quote that is never closed.
    pub(super) fn unmatched(&self, close: char, line: u32) -> SyntaxError {
        SyntaxError::Unmatched { close, line }
    }

    /// Where the `))` of an arithmetic expression stands that begins at the position, if it is one.
    pub(super) fn arith_end(&self, from: usize) -> Option<usize> {
        let bytes = self.src.as_bytes();
        let mut depth = 0;
        let mut i = from;
        while let Some(&b) = bytes.get(i) {
            match b {
                b'\\' => i += 1,
                b'\'' | b'"' | b'`' => {
                    let close = bytes.iter().skip(i + 1).position(|&c| c == b)?;
                    i += close + 1;
                }
                b'(' => depth += 1,
                b')' if depth == 0 => return (bytes.get(i + 1) == Some(&b')')).then_some(i),
                b')' => depth -= 1,
                _ => {}
            }
            i += 1;
        }
        None
    }

    fn backquote(&mut self, quoted: bool) -> ParseResult<Part> {
        let line = self.line;
        self.bump();
        let mut text = String::new();
        loop {
            match self.bump() {
                None => return Err(self.unmatched('`', line)),
                Some('`') => return Ok(Part::Backquote(text)),
                Some('\\') => match self.byte() {
                    Some(b'$' | b'`' | b'\\') => text.extend(self.bump()),
                    Some(b'"') if quoted => text.extend(self.bump()),
                    _ => text.push('\\'),
                },
                Some(c) => text.push(c),
            }
        }
    }

    /// `'…'` of `$'…'` at the cursor.
    fn ansi_quoted(&mut self) -> ParseResult<Part> {
        let line = self.line;
        self.bump();
        let mut raw = String::new();
        loop {
            match self.bump() {
                None => return Err(self.unmatched('\'', line)),
                Some('\'') => break,
                Some('\\') => {
                    raw.push('\\');
                    raw.extend(self.bump());
                }
                Some(c) => raw.push(c),
            }
        }
        Ok(Part::Quoted(crate::text::unescape(&raw, crate::text::Escapes::AnsiC).0))
    }
}
