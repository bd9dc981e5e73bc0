//! Simple commands: assignments, words, redirections; function definitions; aliases.

use std::rc::Rc;

use super::ast::{
    ArrayItem, Assign, AssignValue, Command, Compound, Function, Part, Redirect, RedirectFd, RedirectOp, Simple, Word,
};
use super::lexer::is_meta;
use super::parser::Parser;
use super::{ParseResult, SyntaxError, is_name};

/// Builtins whose arguments may be array assignments, sorted.
const DECLARATIONS: &[&str] = &["declare", "export", "local", "readonly", "typeset"];

/// Aliases inside aliases beyond which no more are expanded.
const MAX_ALIASES: usize = 64;

const REDIRECTS: &[(&str, RedirectOp)] = &[
    ("<<<", RedirectOp::HereString),
    ("<<-", RedirectOp::HereDoc),
    ("&>>", RedirectOp::BothAppend),
    ("<<", RedirectOp::HereDoc),
    (">>", RedirectOp::Append),
    ("<&", RedirectOp::DupInput),
    (">&", RedirectOp::DupOutput),
    ("<>", RedirectOp::ReadWrite),
    (">|", RedirectOp::Clobber),
    ("&>", RedirectOp::Both),
    ("<", RedirectOp::Input),
    (">", RedirectOp::Output),
];

impl Parser<'_> {
    /// Replaces the word at the cursor by the text of its alias.
    pub(super) fn expand_alias(&mut self) {
        let Some(aliases) = self.options.aliases else { return };
        for _ in 0..MAX_ALIASES {
            self.skip_blanks();
            let rest = self.rest();
            let end = rest.bytes().position(is_meta).unwrap_or(rest.len());
            let Some(name) = rest.get(..end).filter(|name| !name.is_empty()) else { return };
            let Some(value) = aliases.get(name) else { return };
            let (name, value) = (name.to_string(), value.clone());
            let pos = self.pos;
            self.active_aliases.retain(|(end, _)| pos < *end);
            if self.active_aliases.iter().any(|(_, active)| *active == name) {
                return;
            }
            self.src.replace_range(pos..pos + name.len(), &value);
            for (end, _) in &mut self.active_aliases {
                *end = *end + value.len() - name.len().min(*end + value.len());
            }
            if value.ends_with([' ', '\t']) {
                self.alias_next = Some(pos + value.len());
            }
            self.active_aliases.push((pos + value.len(), name));
        }
    }

    fn expand_alias_after_blank(&mut self) {
        if let Some(at) = self.alias_next
            && self.pos >= at
        {
            self.alias_next = None;
            self.expand_alias();
        }
    }

    /// A simple command or `name () …`.
    pub(super) fn simple_or_function(&mut self) -> ParseResult<Command> {
        let mut simple = Simple { line: self.line, ..Simple::default() };
        loop {
            self.skip_blanks();
            if !simple.words.is_empty() {
                self.expand_alias_after_blank();
            }
            if let Some(redirect) = self.redirect()? {
                simple.redirects.push(redirect);
            } else if simple.words.is_empty()
                && let Some(assign) = self.assignment()?
            {
                simple.assigns.push(assign);
            } else if let Some(word) = self.argument(&simple)? {
                simple.words.push(word);
                if let Some(function) = self.function_after(&simple)? {
                    return Ok(function);
                }
            } else {
                break;
            }
            if simple.words.is_empty() {
                self.skip_blanks();
                self.expand_alias();
            }
        }
        if simple.words.is_empty() && simple.assigns.is_empty() && simple.redirects.is_empty() {
            return Err(self.unexpected(None));
        }
        Ok(Command::Simple(simple))
    }

    fn argument(&mut self, simple: &Simple) -> ParseResult<Option<Word>> {
        let declares = simple
            .words
            .first()
            .and_then(Word::as_literal)
            .is_some_and(|name| DECLARATIONS.binary_search(&name).is_ok());
        if declares && self.options.bash {
            let start = self.pos;
            let rest = self.rest();
            let end = rest.bytes().position(|b| b == b'=' || is_meta(b)).unwrap_or(rest.len());
            let name = rest.get(..end).unwrap_or("").trim_end_matches('+');
            if is_name(name) && rest.get(end..).is_some_and(|rest| rest.starts_with("=(")) {
                let head = rest.get(..=end).unwrap_or("").to_string();
                self.pos += head.len();
                let items = Rc::new(self.array_items()?);
                let parts = vec![Part::Literal(head), Part::Array(items)];
                return Ok(Some(Word { parts, text: self.text_since(start) }));
            }
        }
        self.word()
    }

    fn function_after(&mut self, simple: &Simple) -> ParseResult<Option<Command>> {
        if simple.words.len() != 1 || !simple.assigns.is_empty() || !simple.redirects.is_empty() {
            return Ok(None);
        }
        self.skip_blanks();
        if self.byte() != Some(b'(') {
            return Ok(None);
        }
        self.bump();
        self.skip_blanks();
        if self.byte().is_none() {
            // The line ends here, which is a token that cannot follow.
            return Err(SyntaxError::Token { token: "newline".into(), line: self.line, expecting: Some(")") });
        }
        if self.byte() != Some(b')') {
            return Err(self.unexpected(Some(")")));
        }
        self.bump();
        let name = simple.words.first().map(|word| word.text.clone()).unwrap_or_default();
        self.function_body(name, simple.line).map(Some)
    }

    /// The body of a function, a compound command.
    pub(super) fn function_body(&mut self, name: String, line: u32) -> ParseResult<Command> {
        self.skip_newlines()?;
        self.enter()?;
        let body = match self.compound()? {
            Some(body) => body,
            None if self.byte().is_some() && !self.options.bash => self.simple_or_function()?,
            None => return Err(self.unexpected(None)),
        };
        self.leave();
        Ok(Command::Function(Rc::new(Function { name, body: Rc::new(body), line })))
    }

    /// `name=`, `name+=` or `name[…]=` at the cursor, and the value behind it.
    fn assignment(&mut self) -> ParseResult<Option<Assign>> {
        let (start, line) = (self.pos, self.line);
        let rest = self.rest();
        let end = rest.bytes().position(|b| b != b'_' && !b.is_ascii_alphanumeric()).unwrap_or(rest.len());
        let name = rest.get(..end).unwrap_or("").to_string();
        if !is_name(&name) || !rest.as_bytes().get(end).is_some_and(|b| b"=+[".contains(b)) {
            return Ok(None);
        }
        self.pos += end;
        let mut index = None;
        if self.byte() == Some(b'[') && self.options.bash {
            self.pos += 1;
            match self.subscript_word() {
                Ok(word) if matches!(self.byte(), Some(b'=' | b'+')) => index = Some(word),
                _ => {
                    (self.pos, self.line) = (start, line);
                    return Ok(None);
                }
            }
        }
        let append = self.options.bash && self.eat("+");
        if !self.eat("=") {
            (self.pos, self.line) = (start, line);
            return Ok(None);
        }
        let value = if self.byte() == Some(b'(') && self.options.bash && index.is_none() {
            AssignValue::Array(Rc::new(self.array_items()?))
        } else {
            AssignValue::Scalar(self.word()?.unwrap_or_default())
        };
        Ok(Some(Assign { name, index, append, value }))
    }

    /// `( … )` behind `name=`.
    pub(super) fn array_items(&mut self) -> ParseResult<Vec<ArrayItem>> {
        let line = self.line;
        self.bump();
        let mut items = Vec::new();
        loop {
            self.skip_newlines()?;
            match self.byte() {
                None => return Err(self.unmatched(')', line)),
                Some(b')') => {
                    self.bump();
                    return Ok(items);
                }
                _ => items.push(self.array_item()?),
            }
        }
    }

    fn array_item(&mut self) -> ParseResult<ArrayItem> {
        if self.byte() == Some(b'[') {
            let (start, line) = (self.pos, self.line);
            self.pos += 1;
            if let Ok(index) = self.subscript_word() {
                let append = self.eat("+");
                if self.eat("=") {
                    let value = self.word()?.unwrap_or_default();
                    return Ok(ArrayItem { index: Some(index), append, value });
                }
            }
            (self.pos, self.line) = (start, line);
        }
        match self.word()? {
            Some(value) => Ok(ArrayItem { index: None, append: false, value }),
            None => Err(self.unexpected(None)),
        }
    }

    /// The redirection at the cursor.
    pub(super) fn redirect(&mut self) -> ParseResult<Option<Redirect>> {
        let rest = self.rest();
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (fd, length) = if digits > 0 {
            let number = rest.get(..digits).and_then(|text| text.parse().ok()).unwrap_or(i32::MAX);
            (RedirectFd::Number(number), digits)
        } else if let Some((name, _)) = rest.strip_prefix('{').and_then(|rest| rest.split_once('}'))
            && is_name(name)
            && self.options.bash
        {
            (RedirectFd::Variable(name.to_string()), name.len() + 2)
        } else {
            (RedirectFd::Default, 0)
        };
        let operator = rest.get(length..).unwrap_or("");
        let Some(&(text, op)) = REDIRECTS.iter().find(|(text, _)| operator.starts_with(text)) else {
            return Ok(None);
        };
        let process = matches!(op, RedirectOp::Input | RedirectOp::Output)
            && operator.as_bytes().get(1) == Some(&b'(')
            && self.options.bash;
        let both = matches!(op, RedirectOp::Both | RedirectOp::BothAppend);
        if process || (both && (fd != RedirectFd::Default || !(self.options.bash || self.options.ash))) {
            return Ok(None);
        }
        self.pos += length + text.len();
        self.skip_blanks();
        let Some(target) = self.word()? else {
            if self.byte().is_none() {
                // The line ends here, which is a token that cannot follow.
                return Err(SyntaxError::Token { token: "newline".into(), line: self.line, expecting: None });
            }
            return Err(self.unexpected(None));
        };
        let here = (op == RedirectOp::HereDoc).then(|| self.add_heredoc(&target, text == "<<-"));
        Ok(Some(Redirect { fd, op, target, here }))
    }

    /// The redirections after a compound command.
    pub(super) fn redirects(&mut self) -> ParseResult<Vec<Redirect>> {
        let mut redirects = Vec::new();
        loop {
            self.skip_blanks();
            match self.redirect()? {
                Some(redirect) => redirects.push(redirect),
                None => return Ok(redirects),
            }
        }
    }

    /// Parses the whole source as one array literal `( … )`, for `declare -a 'name=(…)'`.
    pub fn array_literal(&mut self) -> ParseResult<Vec<ArrayItem>> {
        let items = self.array_items()?;
        if self.byte().is_some() { Err(self.unexpected(None)) } else { Ok(items) }
    }

    /// Parses the whole source as one word, blanks and operators included, as prompts and `eval`-like
    /// values want it.
    pub fn whole_word(&mut self) -> ParseResult<Word> {
        let mut parts = super::word::Parts::default();
        while self.byte().is_some() {
            self.piece(&mut parts)?;
        }
        Ok(Word { parts: parts.into_parts(), text: self.src.clone() })
    }
}

impl Compound {
    /// Whether a redirection list may follow with a line number of its own.
    pub fn is_arith(&self) -> bool {
        matches!(self, Compound::Arith(_) | Compound::ArithFor(..))
    }
}

impl From<SyntaxError> for String {
    fn from(error: SyntaxError) -> String {
        error.bash().join("\n")
    }
}
