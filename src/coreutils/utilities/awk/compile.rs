//! Statements, patterns and functions to code. Expressions are in `expression.rs`.

use std::rc::Rc;

use super::code::{Code, Op, Place, Routine, SPECIAL};
use super::error::{Fault, Wrong};
use super::lexer::{Token, tokens};

/// How deep blocks and expressions may nest.
pub const DEEPEST: usize = 200;

/// Compiles a program.
///
/// BusyBox lets `next` and `return` stand anywhere: `lenient`.
pub fn compile(program: &str, lenient: bool) -> Result<Code, Wrong> {
    let tokens = tokens(program)?;
    let code = Code { globals: SPECIAL.iter().map(|s| s.to_string()).collect(), ..Code::default() };
    let mut compiler = Compiler { tokens, code, lenient, ..Compiler::default() };
    compiler.program()?;
    let undefined = compiler.code.routines.iter().find(|r| r.entry.is_none());
    if let Some(routine) = undefined {
        return Err(Wrong { line: compiler.line(), what: Fault::Undefined(routine.name.clone()) });
    }
    Ok(compiler.code)
}

/// The state of compiling.
#[derive(Default)]
pub struct Compiler {
    tokens: Vec<(Token, usize)>,
    pub(super) at: usize,
    /// What was made so far.
    pub code: Code,
    /// Parameters of the function that is being compiled.
    locals: Vec<String>,
    pub(super) loops: Vec<Loop>,
    pub(super) context: Context,
    pub(super) lenient: bool,
    /// `>` ends an expression: it is `print`'s redirection.
    pub greater_ends: bool,
    /// How deep it is in the program.
    pub depth: usize,
}

/// What kind of block a statement stands in.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Context {
    #[default]
    Edge,
    Rule,
    Function,
}

#[derive(Default)]
pub(super) struct Loop {
    pub(super) breaks: Vec<usize>,
    pub(super) continues: Vec<usize>,
}

/// The blocks of one phase, chained by jumps.
#[derive(Default)]
struct Phase {
    entry: Option<usize>,
    open: Option<usize>,
}

type Parsed<T = ()> = Result<T, Wrong>;

impl Compiler {
    // ---- tokens ----

    /// The token to be read next.
    pub fn peek(&self) -> &Token {
        self.ahead(0)
    }

    /// A token further on.
    pub fn ahead(&self, by: usize) -> &Token {
        self.tokens.get(self.at + by).map_or(&Token::End, |(token, _)| token)
    }

    /// Takes a token.
    pub fn advance(&mut self) -> Token {
        let token = self.peek().clone();
        self.at += 1;
        token
    }

    /// Takes a sign if it is next.
    pub fn take(&mut self, sign: &str) -> bool {
        let found = matches!(self.peek(), Token::Sign(s) if *s == sign);
        self.at += usize::from(found);
        found
    }

    /// Whether a word is next.
    pub fn at_word(&self, word: &str) -> bool {
        matches!(self.peek(), Token::Word(w) if *w == word)
    }

    pub(super) fn take_word(&mut self, word: &str) -> bool {
        let found = self.at_word(word);
        self.at += usize::from(found);
        found
    }

    /// Takes a sign or fails.
    pub fn expect(&mut self, sign: &'static str) -> Parsed {
        if self.take(sign) {
            return Ok(());
        }
        match (self.peek(), sign) {
            (Token::End, "}" | ")" | "]") => Err(self.wrong(Fault::Unclosed(sign.chars().next().unwrap_or('}')))),
            _ => Err(self.unexpected()),
        }
    }

    fn line(&self) -> usize {
        self.tokens.get(self.at).or(self.tokens.last()).map_or(1, |(_, line)| *line)
    }

    /// An error at this place.
    pub fn wrong(&self, what: Fault) -> Wrong {
        Wrong { line: self.line(), what }
    }

    /// The next token does not belong here.
    pub fn unexpected(&self) -> Wrong {
        let near = match self.peek() {
            Token::Number(n) => super::value::short_text(*n),
            Token::Text(text) => format!("\"{text}\""),
            Token::Regex(text) => format!("/{text}/"),
            Token::Name(name, _) => name.clone(),
            Token::Word(word) => word.to_string(),
            Token::Sign(sign) => sign.to_string(),
            Token::Newline => "end of line".into(),
            Token::End => return self.wrong(Fault::Unclosed('}')),
        };
        self.wrong(Fault::Near(near))
    }

    /// Skips ends of lines.
    pub fn skip_lines(&mut self) {
        while *self.peek() == Token::Newline {
            self.at += 1;
        }
    }

    pub(super) fn skip_ends(&mut self) {
        while *self.peek() == Token::Newline || self.take(";") {
            self.skip_lines();
        }
    }

    /// Whether the parenthesis that is next closes in front of what ends a `print`.
    pub(super) fn parenthesis_is_the_list(&self) -> bool {
        let mut depth = 0;
        for (at, (token, _)) in self.tokens.iter().enumerate().skip(self.at) {
            match token {
                Token::Sign("(") => depth += 1,
                Token::Sign(")") => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                let next = self.tokens.get(at + 1).map(|(token, _)| token);
                let ends = [";", "}", ">", ">>", "|"];
                return match next {
                    Some(Token::Sign(sign)) => ends.contains(sign),
                    Some(Token::Newline | Token::End) | None => true,
                    Some(_) => false,
                };
            }
        }
        false
    }

    // ---- code ----

    /// Adds an operation and returns its number.
    pub fn emit(&mut self, op: Op) -> usize {
        self.code.ops.push(op);
        self.code.ops.len() - 1
    }

    /// The number of the next operation.
    pub fn here(&self) -> usize {
        self.code.ops.len()
    }

    /// Makes a jump lead to the next operation.
    pub fn land(&mut self, jump: usize) {
        let here = self.here();
        self.aim(jump, here);
    }

    pub(super) fn aim(&mut self, jump: usize, to: usize) {
        let op = self.code.ops.get_mut(jump);
        if let Some(Op::Jump(t) | Op::JumpIf(t) | Op::JumpUnless(t) | Op::ForNext(t)) = op {
            *t = to;
        }
    }

    /// Where a variable lives; a new global if nobody named it before.
    pub fn place(&mut self, name: &str) -> Place {
        if let Some(at) = self.locals.iter().position(|l| l == name) {
            return Place::Local(at);
        }
        let known = self.code.globals.iter().position(|g| g == name);
        Place::Global(known.unwrap_or_else(|| {
            self.code.globals.push(name.to_string());
            self.code.globals.len() - 1
        }))
    }

    /// The number of a function.
    pub fn routine(&mut self, name: &str) -> usize {
        let known = self.code.routines.iter().position(|r| r.name == name);
        known.unwrap_or_else(|| {
            self.code.routines.push(Routine { name: name.to_string(), ..Routine::default() });
            self.code.routines.len() - 1
        })
    }

    // ---- the program ----

    fn program(&mut self) -> Parsed {
        let mut phases = [Phase::default(), Phase::default(), Phase::default()];
        loop {
            // One semicolon may stand behind an item, alone it is none.
            self.skip_lines();
            match self.peek() {
                Token::End => break,
                Token::Word("function") => self.function()?,
                Token::Sign(";") => return Err(self.unexpected()),
                Token::Word("BEGIN") => self.edge(&mut phases[0])?,
                Token::Word("END") => self.edge(&mut phases[2])?,
                _ => self.rule(&mut phases[1])?,
            }
            self.take(";");
        }
        let finish = self.emit(Op::EndOfPhase);
        for phase in &phases {
            if let Some(jump) = phase.open {
                self.aim(jump, finish);
            }
        }
        let [begin, main, end] = phases;
        (self.code.begin, self.code.main, self.code.end) = (begin.entry, main.entry, end.entry);
        Ok(())
    }

    fn begin_block(&mut self, phase: &mut Phase) {
        match phase.open.take() {
            Some(jump) => self.land(jump),
            None => phase.entry = Some(self.here()),
        }
    }

    fn edge(&mut self, phase: &mut Phase) -> Parsed {
        self.advance();
        self.begin_block(phase);
        self.context = Context::Edge;
        if !matches!(self.peek(), Token::Sign("{")) {
            return Err(self.unexpected());
        }
        self.block()?;
        phase.open = Some(self.emit(Op::Jump(0)));
        Ok(())
    }

    fn rule(&mut self, phase: &mut Phase) -> Parsed {
        self.begin_block(phase);
        self.context = Context::Rule;
        let mut skip = None;
        if !matches!(self.peek(), Token::Sign("{")) {
            self.expression()?;
            if self.take(",") {
                skip = Some(self.range()?);
            } else {
                skip = Some(self.emit(Op::JumpUnless(0)));
            }
        }
        if matches!(self.peek(), Token::Sign("{")) {
            self.block()?;
        } else {
            self.emit(Op::Print(0, None));
        }
        let end = self.emit(Op::Jump(0));
        if let Some(skip) = skip {
            self.aim(skip, end);
        }
        phase.open = Some(end);
        Ok(())
    }

    /// A range of patterns, behind the first; the jump that leaves the rule.
    fn range(&mut self) -> Parsed<usize> {
        let number = self.code.ranges;
        self.code.ranges += 1;
        // The first pattern's value lies on the stack; where the range is open it does not matter.
        let begins = self.emit(Op::JumpIf(0));
        self.emit(Op::RangeOpen(number));
        let skip = self.emit(Op::JumpUnless(0));
        self.land(begins);
        self.emit(Op::SetRange(number, true));
        self.skip_lines();
        self.expression()?;
        let goes_on = self.emit(Op::JumpUnless(0));
        self.emit(Op::SetRange(number, false));
        self.land(goes_on);
        Ok(skip)
    }

    fn function(&mut self) -> Parsed {
        self.advance();
        let Token::Name(name, _) = self.advance() else {
            self.at -= 1;
            return Err(self.unexpected());
        };
        let number = self.routine(&name);
        self.expect("(")?;
        self.locals.clear();
        while !self.take(")") {
            match self.advance() {
                Token::Name(parameter, _) => self.locals.push(parameter),
                _ => {
                    self.at -= 1;
                    return Err(self.unexpected());
                }
            }
            if self.take(",") {
                self.skip_lines();
            } else if !matches!(self.peek(), Token::Sign(")")) {
                return Err(self.unexpected());
            }
        }
        self.skip_lines();
        let entry = self.here();
        let parameters = self.locals.len();
        if let Some(routine) = self.code.routines.get_mut(number) {
            routine.entry = Some(entry);
            routine.parameters = parameters;
        }
        self.context = Context::Function;
        self.block()?;
        self.emit(Op::Unset);
        self.emit(Op::Return);
        self.locals.clear();
        Ok(())
    }

    /// A text constant.
    pub fn emit_text(&mut self, text: &str) {
        self.emit(Op::Text(Rc::from(text)));
    }
}
