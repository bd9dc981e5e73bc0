//! The tree of a parsed script. Nodes that a forked shell takes along are counted references.

use std::cell::OnceCell;
use std::rc::Rc;

/// A word: its parts as parsed, and its text as written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Word {
    /// What the word is made of.
    pub parts: Vec<Part>,
    /// The source text, for printing functions, jobs and errors.
    pub text: String,
}

/// A piece of a word.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// Unquoted text: braces, tildes and pattern characters in it are special.
    Literal(String),
    /// Text that was quoted by `'…'`, `\` or `$'…'`.
    Quoted(String),
    /// `"…"`.
    DoubleQuoted(Vec<Part>),
    /// `$name` and `${…}`.
    Param(Box<Param>),
    /// `$(…)`.
    Command(Rc<Body>),
    /// `` `…` ``, its text with the escapes removed; parsed when it is expanded.
    Backquote(String),
    /// `$((…))`.
    Arith(Box<Word>),
    /// `<(…)` or, where `write` is set, `>(…)`.
    Process {
        /// The command reads what is written to the name.
        write: bool,
        /// The command.
        body: Rc<Body>,
    },
    /// `(…)` after `name=` in an argument of `declare` and its kin.
    Array(Rc<Vec<ArrayItem>>),
}

/// A command substitution's commands.
#[derive(Debug, PartialEq)]
pub struct Body {
    /// The commands.
    pub list: List,
    /// The text between the parentheses.
    pub text: String,
}

/// `$name` or `${…}`.
#[derive(Clone, Debug, PartialEq)]
pub struct Param {
    /// A name, a number or one of `@*#?-$!_`.
    pub name: String,
    /// `[…]` behind the name.
    pub index: Option<Subscript>,
    /// `${!name…}`.
    pub indirect: bool,
    /// What is done to the value.
    pub op: ParamOp,
    /// The source text.
    pub text: String,
}

/// An array subscript.
#[derive(Clone, Debug, PartialEq)]
pub enum Subscript {
    /// `[@]`.
    At,
    /// `[*]`.
    Star,
    /// An arithmetic expression, or the key of an associative array.
    Word(Word),
}

/// The operators of `${…}`.
#[derive(Clone, Debug, PartialEq)]
pub enum ParamOp {
    /// The value itself.
    None,
    /// `${#name}`.
    Length,
    /// `${name:-word}`.
    Default(bool, Word),
    /// `${name:=word}`.
    Assign(bool, Word),
    /// `${name:?word}`.
    Error(bool, Word),
    /// `${name:+word}`.
    Alternate(bool, Word),
    /// `${name#pattern}`, longest match where the flag is set.
    RemovePrefix(bool, Word),
    /// `${name%pattern}`, longest match where the flag is set.
    RemoveSuffix(bool, Word),
    /// `${name/pattern/replacement}`.
    Replace(ReplaceKind, Word, Word),
    /// `${name:offset:length}`.
    Substring(Word, Option<Word>),
    /// `${name^pattern}` and the like.
    Case(CaseKind, Word),
    /// `${name@Q}` and the like.
    Transform(char),
    /// `${!prefix@}` (true) and `${!prefix*}`.
    Names(bool),
    /// `${!name[@]}`.
    Keys,
    /// Not a valid substitution.
    Bad,
}

/// What `${name/…}` replaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplaceKind {
    /// The first match.
    First,
    /// Every match.
    All,
    /// A match at the beginning.
    Prefix,
    /// A match at the end.
    Suffix,
}

/// What `${name^}` and its kin change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaseKind {
    /// `^`
    UpperFirst,
    /// `^^`
    UpperAll,
    /// `,`
    LowerFirst,
    /// `,,`
    LowerAll,
    /// `~`
    ToggleFirst,
    /// `~~`
    ToggleAll,
}

/// Commands one after the other.
pub type List = Rc<Vec<Rc<AndOr>>>;

/// Pipelines joined by `&&` and `||`.
#[derive(Debug, PartialEq)]
pub struct AndOr {
    /// The first pipeline.
    pub first: Pipeline,
    /// Each following one; true for `&&`.
    pub rest: Vec<(bool, Pipeline)>,
    /// Ended by `&`.
    pub background: bool,
    /// Line on which it starts.
    pub line: u32,
}

/// Commands joined by `|`.
#[derive(Debug, PartialEq)]
pub struct Pipeline {
    /// `!` before it.
    pub negated: bool,
    /// `time` before it; the flag is `-p`.
    pub timed: Option<bool>,
    /// The commands.
    pub commands: Vec<Rc<Command>>,
}

/// One command of a pipeline.
#[derive(Debug, PartialEq)]
pub enum Command {
    /// Assignments, words and redirections.
    Simple(Simple),
    /// A compound command and its redirections.
    Compound(Compound, Vec<Redirect>, u32),
    /// A function definition.
    Function(Rc<Function>),
}

/// A function.
#[derive(Debug, PartialEq)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// Its body.
    pub body: Rc<Command>,
    /// The line of its definition.
    pub line: u32,
}

/// A simple command.
#[derive(Debug, Default, PartialEq)]
pub struct Simple {
    /// Leading assignments.
    pub assigns: Vec<Assign>,
    /// The command's name and arguments.
    pub words: Vec<Word>,
    /// Redirections.
    pub redirects: Vec<Redirect>,
    /// The line of the first word.
    pub line: u32,
}

/// Compound commands.
#[derive(Debug, PartialEq)]
pub enum Compound {
    /// `{ …; }`
    Brace(List),
    /// `( … )`
    Subshell(List),
    /// `if`: conditions with their branches, and `else`.
    If(Vec<(List, List)>, Option<List>),
    /// `while` (or, where the flag is set, `until`).
    While(bool, List, List),
    /// `for name in words`; no words means the positional parameters.
    For(String, Option<Vec<Word>>, List),
    /// `for ((init; condition; step))`.
    ArithFor(Word, Word, Word, List),
    /// `select`.
    Select(String, Option<Vec<Word>>, List),
    /// `case`.
    Case(Word, Vec<CaseItem>),
    /// `[[ … ]]`
    Cond(Cond),
    /// `(( … ))`
    Arith(Word),
    /// `coproc`, which runs the command beside the shell.
    Coproc(String, Rc<Command>),
}

/// A branch of `case`.
#[derive(Debug, PartialEq)]
pub struct CaseItem {
    /// Its patterns.
    pub patterns: Vec<Word>,
    /// Its commands.
    pub body: List,
    /// What ends it.
    pub end: CaseEnd,
}

/// How a branch of `case` ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaseEnd {
    /// `;;`
    Break,
    /// `;&`: on into the next branch.
    FallThrough,
    /// `;;&`: on to the next pattern that matches.
    Continue,
}

/// An expression of `[[ … ]]`.
#[derive(Debug, PartialEq)]
pub enum Cond {
    /// `! e`
    Not(Box<Cond>),
    /// `a && b`
    And(Box<Cond>, Box<Cond>),
    /// `a || b`
    Or(Box<Cond>, Box<Cond>),
    /// `( e )`
    Group(Box<Cond>),
    /// `-f word`
    Unary(String, Word),
    /// `a == b`
    Binary(Word, String, Word),
    /// `word`
    Word(Word),
}

/// `name=value`.
#[derive(Clone, Debug, PartialEq)]
pub struct Assign {
    /// The variable.
    pub name: String,
    /// `[…]` behind it.
    pub index: Option<Word>,
    /// `+=`
    pub append: bool,
    /// The value.
    pub value: AssignValue,
}

/// The right side of an assignment.
#[derive(Clone, Debug, PartialEq)]
pub enum AssignValue {
    /// One value.
    Scalar(Word),
    /// `( … )`
    Array(Rc<Vec<ArrayItem>>),
}

/// An element of `( … )`.
#[derive(Clone, Debug, PartialEq)]
pub struct ArrayItem {
    /// `[index]=`
    pub index: Option<Word>,
    /// `[index]+=`
    pub append: bool,
    /// The value.
    pub value: Word,
}

/// A redirection.
#[derive(Clone, Debug, PartialEq)]
pub struct Redirect {
    /// The descriptor before the operator.
    pub fd: RedirectFd,
    /// The operator.
    pub op: RedirectOp,
    /// File name, descriptor or the word of a here-string.
    pub target: Word,
    /// A here-document.
    pub here: Option<HereDoc>,
}

/// What stands before a redirection operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RedirectFd {
    /// Nothing: the operator's own.
    Default,
    /// A number.
    Number(i32),
    /// `{name}`
    Variable(String),
}

/// Redirection operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RedirectOp {
    /// `<`
    Input,
    /// `>`
    Output,
    /// `>|`
    Clobber,
    /// `>>`
    Append,
    /// `<>`
    ReadWrite,
    /// `<&`
    DupInput,
    /// `>&`
    DupOutput,
    /// `&>`
    Both,
    /// `&>>`
    BothAppend,
    /// `<<` and `<<-`
    HereDoc,
    /// `<<<`
    HereString,
}

/// A here-document; the body is filled in when the parser reaches the next line.
#[derive(Clone, Debug, PartialEq)]
pub struct HereDoc {
    /// The delimiter with its quotes removed.
    pub delimiter: String,
    /// Whether it was quoted, so that nothing in the body is expanded.
    pub quoted: bool,
    /// `<<-`
    pub strip: bool,
    /// The body.
    pub body: Rc<OnceCell<Word>>,
}

impl Word {
    /// A word of plain text.
    pub fn literal(text: &str) -> Word {
        Word { parts: vec![Part::Literal(text.to_string())], text: text.to_string() }
    }

    /// The text, if nothing in the word is quoted or expanded.
    pub fn as_literal(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [Part::Literal(text)] => Some(text),
            _ => None,
        }
    }
}
