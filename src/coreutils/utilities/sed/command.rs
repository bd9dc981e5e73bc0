//! What sed's commands are.

use std::collections::BTreeMap;

use crate::regex::Regex;

/// Which lines.
pub enum Address {
    Line(usize),
    /// `first~step`.
    Step(usize, usize),
    Last,
    /// `None`: the expression used last.
    Pattern(Option<Regex>),
}

/// Up to which line.
pub enum End {
    Address(Address),
    /// `+N`.
    More(usize),
    /// `~N`.
    Multiple(usize),
}

/// A piece of what `s` puts in.
pub enum Piece {
    Text(String),
    Group(usize),
    /// `\u`, `\l`, `\U`, `\L`, `\E`.
    Case(char),
}

/// What `s` does.
pub struct Substitute {
    pub pattern: Option<Regex>,
    pub pieces: Vec<Piece>,
    pub global: bool,
    pub number: usize,
    pub print: bool,
    pub file: Option<String>,
}

/// What a command does.
pub enum Action {
    Block(usize),
    EndBlock,
    Substitute(Box<Substitute>),
    Translate(BTreeMap<char, char>),
    /// `a`, `i`, `c` with their text.
    Text(char, String),
    /// `b`, `t`, `T`: where to go on; `None`: the script's end.
    Branch(char, Option<usize>),
    /// `r`, `w`, `R`, `W`.
    File(char, String),
    /// `q`, `Q` with the exit status.
    Quit(char, u8),
    /// All that are a letter alone.
    Simple(char),
}

/// A command with its addresses.
pub struct Command {
    pub from: Option<Address>,
    pub to: Option<End>,
    /// `0,/re/`.
    pub from_zero: bool,
    pub negated: bool,
    pub action: Action,
}
