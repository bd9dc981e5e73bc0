//! What a program becomes: operations of a stack machine.
//!
//! The machine is one loop, so that reading, writing and giving way to others happen in one place and no
//! expression needs a future of its own.

use std::rc::Rc;

/// Where a variable lives.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// In the table of globals.
    Global(usize),
    /// In the running function's frame.
    Local(usize),
}

/// What can be assigned to. The subscript or the field's number is on the stack, below the value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Target {
    /// `name`
    Variable(Place),
    /// `name[…]`
    Element(Place),
    /// `$…`
    Field,
}

impl Target {
    /// Whether an index lies on the stack.
    pub fn is_indexed(self) -> bool {
        !matches!(self, Target::Variable(_))
    }
}

/// Operators with two operands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Binary {
    Add,
    Sub,
    Mul,
    Div,
    Mod,
    Pow,
    Concat,
    Less,
    LessEqual,
    Equal,
    NotEqual,
    Greater,
    GreaterEqual,
    Match,
    NotMatch,
}

/// Where output goes other than to standard output; the name is on the stack.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Redirect {
    /// `> file`
    File,
    /// `>> file`
    Append,
    /// `| command`
    Pipe,
}

/// Where `getline` reads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Source {
    /// The next record of the input.
    Input,
    /// `< file`
    File,
    /// `command |`
    Command,
}

/// Functions that awk has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Function {
    Atan2,
    Close,
    Cos,
    Exp,
    Fflush,
    Index,
    Int,
    Length,
    LengthOf(Place),
    Log,
    Match,
    Rand,
    Sin,
    Split(Place),
    Sprintf,
    Sqrt,
    Srand,
    /// `sub` and `gsub` (true)
    Sub(bool, Target),
    Substr,
    System,
    Systime,
    Strftime,
    Tolower,
    Toupper,
}

/// One operation.
#[derive(Clone, Debug)]
pub enum Op {
    Unset,
    Number(f64),
    Text(Rc<str>),
    /// A regular expression by itself: whether `$0` matches.
    MatchRecord(Rc<str>),
    Get(Target),
    Set(Target),
    /// Sets a variable only if it is one; removes what `Set` leaves.
    Pop,
    Dup,
    /// `++` and `--`; `.1`: what is added, `.2`: whether the old value is the result.
    Step(Target, f64, bool),
    Binary(Binary),
    Not,
    Negate,
    Plus,
    Bool,
    /// Makes one subscript of several.
    Join(usize),
    Jump(usize),
    JumpIf(usize),
    JumpUnless(usize),
    In(Place),
    Delete(Place),
    Clear(Place),
    /// Begins to go through an array's subscripts.
    ForIn(Place),
    /// Pushes the next subscript, or jumps.
    ForNext(usize),
    ForEnd,
    /// Puts a variable on the stack so that a function can take it as an array.
    Pass(Place),
    Call(usize, usize),
    Return,
    Function(Function, usize),
    Getline(Source, Option<Target>),
    Print(usize, Option<Redirect>),
    Printf(usize, Option<Redirect>),
    Next,
    NextFile,
    Exit(bool),
    /// Whether a range of patterns is open.
    RangeOpen(usize),
    SetRange(usize, bool),
    EndOfPhase,
}

/// A function of the program.
#[derive(Clone, Debug, Default)]
pub struct Routine {
    /// Its name.
    pub name: String,
    /// Where its code begins; none: it was called but never defined.
    pub entry: Option<usize>,
    /// How many parameters it has.
    pub parameters: usize,
}

/// A compiled program.
#[derive(Debug, Default)]
pub struct Code {
    /// The operations.
    pub ops: Vec<Op>,
    /// Names of the globals; the first are [`SPECIAL`].
    pub globals: Vec<String>,
    /// Its functions.
    pub routines: Vec<Routine>,
    /// How many range patterns there are.
    pub ranges: usize,
    /// Entries of the three phases; none where there is nothing to do.
    pub begin: Option<usize>,
    pub main: Option<usize>,
    pub end: Option<usize>,
}

/// Variables with a meaning, in the order of their numbers.
pub const SPECIAL: [&str; 16] = [
    "NF", "NR", "FNR", "FS", "OFS", "ORS", "RS", "FILENAME", "SUBSEP", "RSTART", "RLENGTH", "CONVFMT", "OFMT",
    "ENVIRON", "ARGC", "ARGV",
];

/// Numbers of [`SPECIAL`].
pub mod special {
    pub const NF: usize = 0;
    pub const NR: usize = 1;
    pub const FNR: usize = 2;
    pub const FS: usize = 3;
    pub const OFS: usize = 4;
    pub const ORS: usize = 5;
    pub const RS: usize = 6;
    pub const FILENAME: usize = 7;
    pub const SUBSEP: usize = 8;
    pub const RSTART: usize = 9;
    pub const RLENGTH: usize = 10;
    pub const CONVFMT: usize = 11;
    pub const OFMT: usize = 12;
    pub const ENVIRON: usize = 13;
    pub const ARGC: usize = 14;
    pub const ARGV: usize = 15;
}
