//! `${…}` in all its forms.

use super::ast::{CaseKind, Param, ParamOp, Part, ReplaceKind, Subscript, Word};
use super::parser::Parser;
use super::{ParseResult, SyntaxError};

const SPECIAL: &[u8] = b"@*#?-$!";

impl Parser<'_> {
    /// `${…}` at the cursor.
    pub(super) fn braced(&mut self, quoted: bool) -> ParseResult<Part> {
        let start = self.pos;
        let line = self.line;
        self.pos += 2;
        let parsed = self.braced_inside(quoted);
        let param = match parsed {
            Ok(Some(mut param)) if self.byte() == Some(b'}') => {
                self.bump();
                param.text = self.text_since(start);
                param
            }
            Ok(_) => self.bad_substitution(start, line)?,
            Err(SyntaxError::Unmatched { close: '}', .. }) => return Err(self.unmatched('}', line)),
            Err(SyntaxError::Unmatched { close: ']', .. }) => self.bad_substitution(start, line)?,
            Err(error) => return Err(error),
        };
        Ok(Part::Param(Box::new(param)))
    }

    /// Skips to the closing brace of a substitution that means nothing: bash complains when it runs.
    fn bad_substitution(&mut self, start: usize, line: u32) -> ParseResult<Param> {
        self.pos = start + 2;
        self.line = line;
        self.operand(b"}", false)?;
        self.bump();
        let text = self.text_since(start);
        Ok(Param { name: String::new(), index: None, indirect: false, op: ParamOp::Bad, text })
    }

    fn braced_inside(&mut self, quoted: bool) -> ParseResult<Option<Param>> {
        let mut param =
            Param { name: String::new(), index: None, indirect: false, op: ParamOp::None, text: String::new() };
        if self.byte() == Some(b'#') && self.begins_length() {
            self.pos += 1;
            if !self.param_name(&mut param)? {
                return Ok(None);
            }
            param.op = ParamOp::Length;
            return Ok(Some(param));
        }
        if self.byte() == Some(b'!') && self.ahead(1).is_some_and(|b| b != b'}' && !b":-=?+".contains(&b)) {
            self.pos += 1;
            param.indirect = true;
        }
        if !self.param_name(&mut param)? {
            return Ok(None);
        }
        if param.indirect && self.indirect_names(&mut param) {
            return Ok(Some(param));
        }
        match self.param_op(quoted)? {
            Some(op) => {
                param.op = op;
                Ok(Some(param))
            }
            None => Ok(None),
        }
    }

    /// `${#` is a length unless it is the parameter `#` itself with an operator or nothing behind it.
    fn begins_length(&self) -> bool {
        match self.ahead(1) {
            Some(b) if b == b'_' || b.is_ascii_alphanumeric() => true,
            Some(b'@' | b'*' | b'$' | b'!') => true,
            Some(b'#' | b'?' | b'-') => self.ahead(2) == Some(b'}'),
            _ => false,
        }
    }

    fn param_name(&mut self, param: &mut Param) -> ParseResult<bool> {
        let start = self.pos;
        match self.byte() {
            Some(b) if b.is_ascii_digit() => {
                while self.byte().is_some_and(|b| b.is_ascii_digit()) {
                    self.pos += 1;
                }
            }
            Some(b) if b == b'_' || b.is_ascii_alphabetic() => {
                while self.byte().is_some_and(|b| b == b'_' || b.is_ascii_alphanumeric()) {
                    self.pos += 1;
                }
            }
            Some(b) if SPECIAL.contains(&b) => self.pos += 1,
            _ => return Ok(false),
        }
        param.name = self.text_since(start);
        if self.byte() == Some(b'[') && self.options.bash {
            self.pos += 1;
            param.index = Some(self.subscript()?);
        }
        Ok(true)
    }

    /// A subscript behind its `[`, up to and with the `]`.
    pub(super) fn subscript(&mut self) -> ParseResult<Subscript> {
        for (text, subscript) in [("@]", Subscript::At), ("*]", Subscript::Star)] {
            if self.eat(text) {
                return Ok(subscript);
            }
        }
        let word = self.subscript_word()?;
        Ok(Subscript::Word(word))
    }

    /// As [`Parser::subscript`], as a word. Brackets inside it pair up.
    pub(super) fn subscript_word(&mut self) -> ParseResult<Word> {
        let start = self.pos;
        let mut parts = Vec::new();
        loop {
            let mut word = self.operand(b"[]", false)?;
            parts.append(&mut word.parts);
            if self.byte() == Some(b']') {
                break;
            }
            self.bump();
            parts.push(Part::Literal("[".into()));
            let mut inner = self.subscript_word()?;
            parts.append(&mut inner.parts);
            parts.push(Part::Literal("]".into()));
        }
        let text = self.text_since(start);
        self.bump();
        Ok(Word { parts, text })
    }

    /// `${!prefix*}`, `${!prefix@}`, `${!name[@]}`.
    fn indirect_names(&mut self, param: &mut Param) -> bool {
        let op = match (&param.index, self.byte(), self.ahead(1)) {
            (None, Some(b'*'), Some(b'}')) => ParamOp::Names(false),
            (None, Some(b'@'), Some(b'}')) => ParamOp::Names(true),
            (Some(Subscript::At | Subscript::Star), Some(b'}'), _) => ParamOp::Keys,
            _ => return false,
        };
        if op != ParamOp::Keys {
            self.pos += 1;
        }
        param.indirect = false;
        param.op = op;
        true
    }

    fn param_op(&mut self, quoted: bool) -> ParseResult<Option<ParamOp>> {
        let Some(byte) = self.byte() else {
            return Err(self.unmatched('}', self.line));
        };
        if byte == b'}' {
            return Ok(Some(ParamOp::None));
        }
        let colon = byte == b':' && self.ahead(1).is_some_and(|b| b"-=?+".contains(&b));
        if colon {
            self.pos += 1;
        }
        let op = match self.bump() {
            Some('-') => ParamOp::Default(colon, self.operand(b"}", quoted)?),
            Some('=') => ParamOp::Assign(colon, self.operand(b"}", quoted)?),
            Some('?') => ParamOp::Error(colon, self.operand(b"}", quoted)?),
            Some('+') => ParamOp::Alternate(colon, self.operand(b"}", quoted)?),
            Some('#') => {
                let long = self.eat("#");
                ParamOp::RemovePrefix(long, self.operand(b"}", false)?)
            }
            Some('%') => {
                let long = self.eat("%");
                ParamOp::RemoveSuffix(long, self.operand(b"}", false)?)
            }
            Some(_) if !self.options.bash && !self.options.ash => return Ok(None),
            Some('/') => self.replace_op(quoted)?,
            Some(':') => self.substring_op()?,
            Some(c @ ('^' | ',' | '~')) => self.case_op(c)?,
            Some('@') => match self.bump() {
                Some(c) if "QEPAKkaULu".contains(c) => ParamOp::Transform(c),
                _ => return Ok(None),
            },
            _ => return Ok(None),
        };
        Ok(Some(op))
    }

    fn replace_op(&mut self, _quoted: bool) -> ParseResult<ParamOp> {
        let kind = match self.byte() {
            Some(b'/') => ReplaceKind::All,
            Some(b'#') => ReplaceKind::Prefix,
            Some(b'%') => ReplaceKind::Suffix,
            _ => ReplaceKind::First,
        };
        if kind != ReplaceKind::First {
            self.pos += 1;
        }
        let pattern = self.operand(b"/}", false)?;
        let replacement = if self.eat("/") { self.operand(b"}", false)? } else { Word::default() };
        Ok(ParamOp::Replace(kind, pattern, replacement))
    }

    fn substring_op(&mut self) -> ParseResult<ParamOp> {
        let offset = self.substring_part(b":}")?;
        let length = if self.eat(":") { Some(self.substring_part(b"}")?) } else { None };
        Ok(ParamOp::Substring(offset, length))
    }

    /// An arithmetic operand; parentheses and `?:` in it may hold a colon.
    fn substring_part(&mut self, stops: &[u8]) -> ParseResult<Word> {
        let start = self.pos;
        let mut parts = Vec::new();
        let mut open = 0;
        loop {
            let mut word = self.operand(if open > 0 { b"()?}" } else { b"()?:}" }, false)?;
            parts.append(&mut word.parts);
            match self.byte() {
                Some(b) if open <= 0 && stops.contains(&b) => break,
                Some(b'}') => break,
                Some(b'(' | b'?') => open += 1,
                Some(b')' | b':') => open -= 1,
                _ => {}
            }
            if let Some(c) = self.bump() {
                parts.push(Part::Literal(c.to_string()));
            }
        }
        Ok(Word { parts, text: self.text_since(start) })
    }

    fn case_op(&mut self, c: char) -> ParseResult<ParamOp> {
        let all = self.byte() == Some(c as u8);
        if all {
            self.pos += 1;
        }
        let kind = match (c, all) {
            ('^', false) => CaseKind::UpperFirst,
            ('^', true) => CaseKind::UpperAll,
            (',', false) => CaseKind::LowerFirst,
            (',', true) => CaseKind::LowerAll,
            (_, false) => CaseKind::ToggleFirst,
            (_, true) => CaseKind::ToggleAll,
        };
        Ok(ParamOp::Case(kind, self.operand(b"}", false)?))
    }
}
