//! `[[ … ]]`.

use super::ast::{Compound, Cond, Word};
use super::parser::Parser;
use super::{ParseResult, SyntaxError};

const UNARY: &str = "abcdefghknoprstuvwxzGLNORS";
const BINARY: &[&str] =
    &["!=", "-ef", "-eq", "-ge", "-gt", "-le", "-lt", "-ne", "-nt", "-ot", "<", "=", "==", "=~", ">"];

impl Parser<'_> {
    /// `[[ … ]]` behind its `[[`.
    pub(super) fn cond(&mut self) -> ParseResult<Compound> {
        self.skip_newlines()?;
        let cond = self.cond_or()?;
        self.skip_newlines()?;
        if self.byte().is_none() {
            return Err(self.cond_end());
        }
        if !self.eat_reserved("]]") {
            let line = self.line;
            return Err(SyntaxError::Cond { message: "syntax error in conditional expression".into(), line });
        }
        Ok(Compound::Cond(cond))
    }

    fn cond_end(&self) -> SyntaxError {
        SyntaxError::End { line: self.end_line(), expecting: Some("]]") }
    }

    fn cond_or(&mut self) -> ParseResult<Cond> {
        self.enter()?;
        let mut left = self.cond_and()?;
        loop {
            self.skip_newlines()?;
            if !self.eat_operator("||") {
                break;
            }
            self.skip_newlines()?;
            left = Cond::Or(Box::new(left), Box::new(self.cond_and()?));
        }
        self.leave();
        Ok(left)
    }

    fn cond_and(&mut self) -> ParseResult<Cond> {
        let mut left = self.cond_term()?;
        loop {
            self.skip_newlines()?;
            if !self.eat_operator("&&") {
                return Ok(left);
            }
            self.skip_newlines()?;
            left = Cond::And(Box::new(left), Box::new(self.cond_term()?));
        }
    }

    fn cond_term(&mut self) -> ParseResult<Cond> {
        self.skip_newlines()?;
        if self.byte().is_none() {
            return Err(self.cond_end());
        }
        if self.byte() == Some(b'(') {
            return self.cond_group();
        }
        if self.rest().starts_with('!') && self.ahead(1).is_none_or(super::lexer::is_meta) {
            self.bump();
            self.enter()?;
            let term = self.cond_term()?;
            self.leave();
            return Ok(Cond::Not(Box::new(term)));
        }
        let line = self.line;
        if self.reserved() == Some("]]") {
            return Err(SyntaxError::Cond { message: "syntax error near `]]'".into(), line });
        }
        let Some(word) = self.word_with(true)? else {
            let (line, token) = self.cond_token()?;
            return Err(SyntaxError::Cond {
                message: format!("unexpected token `{token}' in conditional command"),
                line,
            });
        };
        self.skip_blanks();
        if let Some(flag) = word.as_literal().and_then(|text| text.strip_prefix('-'))
            && flag.len() == 1
            && UNARY.contains(flag)
            && !self.at_cond_operator()
        {
            let flag = flag.to_string();
            return self.cond_unary(&flag);
        }
        self.cond_binary(word)
    }

    fn at_cond_operator(&self) -> bool {
        let rest = self.rest();
        BINARY
            .iter()
            .any(|op| rest.strip_prefix(op).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\n'])))
    }

    fn cond_group(&mut self) -> ParseResult<Cond> {
        self.bump();
        let inner = self.cond_or()?;
        self.skip_newlines()?;
        if self.byte() != Some(b')') {
            if self.byte().is_none() {
                return Err(self.cond_end());
            }
            let (line, token) = self.cond_token()?;
            let message = format!("unexpected token `{token}', expected `)'");
            return Err(SyntaxError::Cond { message, line });
        }
        self.bump();
        Ok(Cond::Group(Box::new(inner)))
    }

    fn cond_unary(&mut self, flag: &str) -> ParseResult<Cond> {
        if self.reserved() == Some("]]") || self.operator().is_some() || self.byte() == Some(b'\n') {
            let (line, token) = self.cond_token()?;
            let message = format!("unexpected argument `{token}' to conditional unary operator");
            return Err(SyntaxError::Cond { message, line });
        }
        match self.word_with(true)? {
            Some(word) => Ok(Cond::Unary(flag.to_string(), word)),
            None => Err(self.cond_end()),
        }
    }

    fn cond_binary(&mut self, left: Word) -> ParseResult<Cond> {
        if self.reserved() == Some("]]")
            || self.at_operator("&&")
            || self.at_operator("||")
            || self.byte() == Some(b')')
        {
            return Ok(Cond::Word(left));
        }
        let line = self.line;
        if self.byte().is_none() {
            return Err(self.cond_end());
        }
        let op = match self.byte() {
            Some(b'<') => "<".to_string(),
            Some(b'>') => ">".to_string(),
            Some(b'\n') => {
                let message = "unexpected token `newline', conditional binary operator expected".to_string();
                return Err(SyntaxError::Cond { message, line });
            }
            _ => self.cond_token()?.1,
        };
        if matches!(op.as_str(), "<" | ">") {
            self.bump();
        }
        if BINARY.binary_search(&op.as_str()).is_err() {
            let message = "conditional binary operator expected".to_string();
            return Err(SyntaxError::Cond { message, line });
        }
        self.skip_blanks();
        if self.reserved() == Some("]]") || (self.operator().is_some() && op != "=~") {
            let (line, token) = self.cond_token()?;
            let message = format!("unexpected argument `{token}' to conditional binary operator");
            return Err(SyntaxError::Cond { message, line });
        }
        let right = if op == "=~" { self.regex_word()? } else { self.word_with(true)? };
        match right {
            Some(right) => Ok(Cond::Binary(left, op, right)),
            None => Err(self.cond_end()),
        }
    }

    /// The right side of `=~`: parentheses and bars belong to it.
    fn regex_word(&mut self) -> ParseResult<Option<Word>> {
        let start = self.pos;
        let line = self.line;
        let mut depth = 0;
        let mut parts = super::word::Parts::default();
        loop {
            match self.byte() {
                None if depth > 0 => return Err(self.unmatched(')', line)),
                None => break,
                Some(b' ' | b'\t' | b'\n') if depth == 0 => break,
                Some(b'&' | b';') if depth == 0 => break,
                Some(b')') if depth == 0 => break,
                Some(b'(') => depth += 1,
                Some(b')') => depth -= 1,
                _ => {}
            }
            self.piece(&mut parts)?;
        }
        let text = self.text_since(start);
        Ok((!text.is_empty()).then(|| Word { parts: parts.into_parts(), text }))
    }

    /// The token at the cursor, taken, for a message.
    fn cond_token(&mut self) -> ParseResult<(u32, String)> {
        let line = self.line;
        let token = match self.operator() {
            _ if self.byte() == Some(b'\n') => "newline".to_string(),
            Some(op) => op.to_string(),
            None => self.word_with(true)?.map(|word| word.text).unwrap_or_default(),
        };
        Ok((line, token))
    }
}
