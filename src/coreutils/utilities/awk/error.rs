//! What can be wrong with a program.

/// Why a program does not compile.
#[derive(Debug, PartialEq, Eq)]
pub struct Wrong {
    /// The line.
    pub line: usize,
    /// What is wrong.
    pub what: Fault,
}

/// What can be wrong with a program.
#[derive(Debug, PartialEq, Eq)]
pub enum Fault {
    /// Something that does not belong there.
    Near(String),
    /// The program ends before a bracket closes.
    Unclosed(char),
    /// A string or a regular expression that does not end: what there is of it.
    Runaway(String),
    /// A character that begins nothing.
    Character(char),
    /// A function is called that is nowhere.
    Undefined(String),
    /// A jump outside its loop, function or rule.
    Misplaced(&'static str),
    /// Nested beyond all reason.
    TooDeep,
}
