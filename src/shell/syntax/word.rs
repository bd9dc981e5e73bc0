//! Words: text up to a metacharacter, or up to the end of an operand of `${…}`.

use std::rc::Rc;

use super::ParseResult;
use super::ast::{Part, Word};
use super::lexer::is_meta;
use super::parser::Parser;

/// Collects parts, joining neighbouring text.
#[derive(Default)]
pub(super) struct Parts {
    parts: Vec<Part>,
}

impl Parts {
    pub(super) fn literal(&mut self, c: char) {
        match self.parts.last_mut() {
            Some(Part::Literal(text)) => text.push(c),
            _ => self.parts.push(Part::Literal(c.to_string())),
        }
    }

    fn quoted(&mut self, text: &str) {
        match self.parts.last_mut() {
            Some(Part::Quoted(last)) => last.push_str(text),
            _ => self.parts.push(Part::Quoted(text.to_string())),
        }
    }

    fn push(&mut self, part: Part) {
        self.parts.push(part);
    }

    pub(super) fn into_parts(self) -> Vec<Part> {
        self.parts
    }
}

impl Parser<'_> {
    /// The word at the cursor; none if a metacharacter or the end stands there.
    pub(super) fn word(&mut self) -> ParseResult<Option<Word>> {
        self.word_with(self.options.extglob)
    }

    /// A word in which extended patterns are recognised or not.
    pub(super) fn word_with(&mut self, extglob: bool) -> ParseResult<Option<Word>> {
        let start = self.pos;
        let mut parts = Parts::default();
        while let Some(byte) = self.byte() {
            let group = extglob && matches!(byte, b'?' | b'*' | b'+' | b'@' | b'!') && self.ahead(1) == Some(b'(');
            if group {
                parts.literal(char::from(byte));
                self.pos += 1;
                self.pattern_group(&mut parts)?;
            } else if matches!(byte, b'<' | b'>') && self.ahead(1) == Some(b'(') && self.options.bash {
                let line = self.line;
                self.pos += 2;
                self.enter()?;
                let body = Rc::new(self.body_in_parens(line)?);
                self.leave();
                parts.push(Part::Process { write: byte == b'>', body });
            } else if is_meta(byte) {
                break;
            } else {
                self.piece(&mut parts)?;
            }
        }
        let text = self.text_since(start);
        Ok((self.pos > start && !text.is_empty()).then(|| Word { parts: parts.into_parts(), text }))
    }

    /// `(…|…)` of an extended pattern.
    pub(super) fn pattern_group(&mut self, parts: &mut Parts) -> ParseResult<()> {
        let line = self.line;
        let mut depth = 0;
        loop {
            match self.byte() {
                None => return Err(self.unmatched(')', line)),
                Some(b'(') => {
                    depth += 1;
                    parts.literal('(');
                    self.pos += 1;
                }
                Some(b')') => {
                    depth -= 1;
                    parts.literal(')');
                    self.pos += 1;
                    if depth == 0 {
                        return Ok(());
                    }
                }
                Some(_) => self.piece(parts)?,
            }
        }
    }

    /// One character, quoted string or substitution of an unquoted word.
    pub(super) fn piece(&mut self, parts: &mut Parts) -> ParseResult<()> {
        match self.byte() {
            Some(b'\\') => {
                self.bump();
                match self.bump() {
                    Some('\n') => {}
                    Some(c) => parts.quoted(c.encode_utf8(&mut [0; 4])),
                    None => parts.literal('\\'),
                }
            }
            Some(b'\'') => {
                let part = self.single_quoted()?;
                parts.push(part);
            }
            Some(b'"') => {
                let part = self.double_quoted()?;
                parts.push(part);
            }
            Some(b'$' | b'`') => match self.dollar(false)? {
                Some(part) => parts.push(part),
                None => {
                    self.bump();
                    parts.literal('$');
                }
            },
            _ => {
                if let Some(c) = self.bump() {
                    parts.literal(c);
                }
            }
        }
        Ok(())
    }

    /// A word up to one of the stop characters outside quotes; blanks and metacharacters belong to it.
    /// Where `dquoted` is set the word stands between double quotes.
    pub(super) fn operand(&mut self, stops: &[u8], dquoted: bool) -> ParseResult<Word> {
        let start = self.pos;
        let line = self.line;
        let mut parts = Parts::default();
        loop {
            match self.byte() {
                None => return Err(self.unmatched(if stops.contains(&b']') { ']' } else { '}' }, line)),
                Some(b) if stops.contains(&b) => break,
                Some(b'\\') if dquoted => {
                    let mut text = String::new();
                    self.quoted_backslash(Some('}'), &mut text);
                    if text == "\\" && self.byte() == Some(b'"') {
                        text.clear();
                        text.extend(self.bump());
                    }
                    parts.quoted(&text);
                }
                Some(b'"' | b'$' | b'`') => {
                    let before = self.pos;
                    if self.byte() == Some(b'"') || !dquoted {
                        self.piece(&mut parts)?;
                    } else {
                        match self.dollar(true)? {
                            Some(part) => parts.push(part),
                            None => parts.quoted("$"),
                        }
                        if self.pos == before {
                            self.bump();
                        }
                    }
                }
                Some(_) if dquoted => {
                    if let Some(c) = self.bump() {
                        parts.quoted(c.encode_utf8(&mut [0; 4]));
                    }
                }
                Some(_) => self.piece(&mut parts)?,
            }
        }
        Ok(Word { parts: parts.into_parts(), text: self.text_since(start) })
    }
}
