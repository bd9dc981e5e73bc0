//! The parser's state, lists and pipelines.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::ast::{AndOr, Command, HereDoc, List, Pipeline, Redirect, RedirectFd, RedirectOp, Word};
use super::{ParseResult, SyntaxError};

/// What the shell's settings change in the grammar.
#[derive(Clone, Debug)]
pub struct Options<'a> {
    /// bash's grammar rather than POSIX's.
    pub bash: bool,
    /// busybox's additions to POSIX's grammar.
    pub ash: bool,
    /// `shopt -s extglob`.
    pub extglob: bool,
    /// Comments are recognised.
    pub comments: bool,
    /// Aliases, if they are expanded.
    pub aliases: Option<&'a BTreeMap<String, String>>,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Options { bash: true, ash: false, extglob: false, comments: true, aliases: None }
    }
}

/// A recursive-descent parser over a whole source text, one command line at a time.
pub struct Parser<'a> {
    pub(super) src: String,
    pub(super) pos: usize,
    pub(super) line: u32,
    pub(super) options: Options<'a>,
    pub(super) depth: u32,
    pub(super) pending: Vec<(HereDoc, u32)>,
    /// Aliases being expanded, each with where its text ends.
    pub(super) active_aliases: Vec<(usize, String)>,
    /// An alias ended in a blank: the word at this position is looked up too.
    pub(super) alias_next: Option<usize>,
    warnings: Vec<(u32, String)>,
}

impl<'a> Parser<'a> {
    /// A parser at the first line of a source.
    pub fn new(src: &str, options: Options<'a>) -> Parser<'a> {
        Parser::at(src, 0, 1, options)
    }

    /// A parser at a position of a source.
    pub fn at(src: &str, pos: usize, line: u32, options: Options<'a>) -> Parser<'a> {
        Parser {
            src: src.to_string(),
            pos,
            line,
            options,
            depth: 0,
            pending: Vec::new(),
            active_aliases: Vec::new(),
            alias_next: None,
            warnings: Vec::new(),
        }
    }

    /// A parser for text inside what this one parses.
    pub(super) fn inner(&self, src: &str, line: u32) -> Parser<'a> {
        let mut inner = Parser::at(src, 0, line, self.options.clone());
        inner.depth = self.depth;
        inner
    }

    /// Where the next command line begins.
    pub fn position(&self) -> usize {
        self.pos
    }

    /// The number of that line.
    pub fn line(&self) -> u32 {
        self.line
    }

    /// The source, which differs from the given one where aliases were expanded.
    pub fn source(&self) -> &str {
        &self.src
    }

    /// Warnings so far, with their lines.
    pub fn take_warnings(&mut self) -> Vec<(u32, String)> {
        std::mem::take(&mut self.warnings)
    }

    pub(super) fn warn(&mut self, line: u32, message: String) {
        self.warnings.push((line, message));
    }

    /// The commands up to the next newline outside all constructs; none at the end of the input.
    pub fn next_line(&mut self) -> ParseResult<Option<List>> {
        self.skip_newlines()?;
        if self.byte().is_none() {
            return Ok(None);
        }
        let mut items = Vec::new();
        loop {
            self.skip_blanks();
            match self.byte() {
                None => break,
                Some(b'\n') => {
                    self.newline()?;
                    break;
                }
                _ => {}
            }
            let (item, more) = self.item()?;
            items.push(item);
            self.skip_blanks();
            if !more && self.byte().is_some_and(|b| b != b'\n') {
                return Err(self.unexpected(None));
            }
        }
        self.finish_heredocs()?;
        Ok(Some(Rc::new(items)))
    }

    /// One and-or list with its separator; true where a separator was there.
    fn item(&mut self) -> ParseResult<(Rc<AndOr>, bool)> {
        let mut item = self.and_or()?;
        self.skip_blanks();
        let background = self.eat_operator("&");
        let more = background || self.eat_operator(";");
        item.background = background;
        Ok((Rc::new(item), more))
    }

    /// Commands inside a construct: at least one, up to a word or operator that cannot begin a command.
    pub(super) fn list(&mut self, expecting: Option<&'static str>) -> ParseResult<List> {
        let items = self.list_or_empty(expecting)?;
        if items.is_empty() { Err(self.unexpected(None)) } else { Ok(items) }
    }

    /// As [`Parser::list`], but none is fine.
    pub(super) fn list_or_empty(&mut self, expecting: Option<&'static str>) -> ParseResult<List> {
        let mut items = Vec::new();
        loop {
            self.skip_newlines()?;
            self.expand_alias();
            if self.at_list_end() {
                break;
            }
            let (item, more) = self.item()?;
            items.push(item);
            self.skip_blanks();
            if !more && self.byte() != Some(b'\n') {
                if self.byte().is_none() {
                    return Err(SyntaxError::End { line: self.end_line(), expecting });
                }
                if !self.at_list_end() || self.reserved().is_some() {
                    return Err(self.unexpected(expecting));
                }
                break;
            }
        }
        if self.byte().is_none() && !items.is_empty() {
            return Err(SyntaxError::End { line: self.end_line(), expecting });
        }
        Ok(Rc::new(items))
    }

    fn at_list_end(&self) -> bool {
        match self.byte() {
            None | Some(b')') => true,
            Some(b';') => matches!(self.operator(), Some(";;" | ";&" | ";;&")),
            _ => matches!(self.reserved(), Some("then" | "else" | "elif" | "fi" | "do" | "done" | "esac" | "}")),
        }
    }

    fn and_or(&mut self) -> ParseResult<AndOr> {
        self.skip_blanks();
        let line = self.line;
        let first = self.pipeline()?;
        let mut rest = Vec::new();
        loop {
            self.skip_blanks();
            let and = match self.operator() {
                Some("&&") => true,
                Some("||") => false,
                _ => break,
            };
            self.pos += 2;
            self.skip_newlines()?;
            rest.push((and, self.pipeline()?));
        }
        Ok(AndOr { first, rest, background: false, line })
    }

    fn pipeline(&mut self) -> ParseResult<Pipeline> {
        let mut pipeline = Pipeline { negated: false, timed: None, commands: Vec::new() };
        let mut prefixed = false;
        loop {
            self.skip_blanks();
            self.expand_alias();
            if self.eat_reserved("!") {
                pipeline.negated = !pipeline.negated;
            } else if self.options.bash && pipeline.timed.is_none() && self.eat_reserved("time") {
                self.skip_blanks();
                let posix = self.rest().starts_with("-p") && self.ahead(2).is_none_or(super::lexer::is_meta);
                if posix {
                    self.pos += 2;
                }
                pipeline.timed = Some(posix);
            } else {
                break;
            }
            prefixed = true;
        }
        if prefixed && (self.byte().is_none_or(|b| b == b'\n') || self.at_operator(";")) {
            return Ok(pipeline);
        }
        loop {
            let mut command = self.command()?;
            self.skip_blanks();
            let op = self.operator();
            if op == Some("|&") {
                both_to_pipe(&mut command);
            }
            pipeline.commands.push(Rc::new(command));
            match op {
                Some("|") => self.pos += 1,
                Some("|&") => self.pos += 2,
                _ => return Ok(pipeline),
            }
            self.skip_newlines()?;
        }
    }

    fn command(&mut self) -> ParseResult<Command> {
        self.enter()?;
        self.skip_blanks();
        self.expand_alias();
        let command = match self.compound()? {
            Some(command) => command,
            None => self.simple_or_function()?,
        };
        self.leave();
        Ok(command)
    }
}

/// `|&` is `2>&1 |`.
fn both_to_pipe(command: &mut Command) {
    let redirect =
        Redirect { fd: RedirectFd::Number(2), op: RedirectOp::DupOutput, target: Word::literal("1"), here: None };
    match command {
        Command::Simple(simple) => simple.redirects.push(redirect),
        Command::Compound(_, redirects, _) => redirects.push(redirect),
        Command::Function(_) => {}
    }
}
