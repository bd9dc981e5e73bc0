//! The tree of a filter.

use std::rc::Rc;

use super::json::Value;

/// A filter.
#[derive(Debug, Clone)]
pub enum Filter {
    /// `.`
    Identity,
    /// `..`
    Descend,
    /// A value as it is.
    Literal(Value),
    /// A string with `\(…)` in it, and the `@name` it is made with.
    Text(Option<Rc<str>>, Vec<Piece>),
    /// `@name`
    Format(Rc<str>),
    /// `$name`
    Variable(Rc<str>),
    /// `F[G]`
    Index(Rc<Filter>, Rc<Filter>),
    /// `F[G:H]`
    Slice(Rc<Filter>, Option<Rc<Filter>>, Option<Rc<Filter>>),
    /// `F[]`
    Each(Rc<Filter>),
    /// `F?`, `try F catch G`
    Try(Rc<Filter>, Option<Rc<Filter>>),
    /// `[F]`
    List(Option<Rc<Filter>>),
    /// `{…}`
    Map(Vec<(Filter, Filter)>),
    /// `-F`
    Negate(Rc<Filter>),
    /// `F | G`
    Pipe(Rc<Filter>, Rc<Filter>),
    /// `F as $x | G`
    Bind(Rc<Filter>, Pattern, Rc<Filter>),
    /// `F, G`
    Comma(Rc<Filter>, Rc<Filter>),
    /// `F op G`
    Binary(&'static str, Rc<Filter>, Rc<Filter>),
    /// `if … end`
    If(Rc<Filter>, Rc<Filter>, Rc<Filter>),
    /// `reduce F as $x (G; H)`
    Reduce(Rc<Filter>, Pattern, Rc<Filter>, Rc<Filter>),
    /// `foreach F as $x (G; H; I)`
    Foreach(Rc<Filter>, Pattern, Rc<Filter>, Rc<Filter>, Rc<Filter>),
    /// `def f(a; b): F; G`
    Define(Rc<Definition>, Rc<Filter>),
    /// `f(F; G)`
    Call(Rc<str>, Vec<Rc<Filter>>),
}

/// A part of a string.
#[derive(Debug, Clone)]
pub enum Piece {
    /// Text.
    Plain(String),
    /// `\(F)`
    Filter(Filter),
}

/// What stands behind `as`.
#[derive(Debug, Clone)]
pub enum Pattern {
    /// `$x`
    Name(Rc<str>),
    /// `[$a, $b]`
    List(Vec<Pattern>),
    /// `{a: $x, $b}`
    Map(Vec<(Rc<str>, Pattern)>),
}

/// A function.
#[derive(Debug)]
pub struct Definition {
    /// Its name.
    pub name: Rc<str>,
    /// The names of its parameters.
    pub parameters: Vec<Rc<str>>,
    /// What it does.
    pub body: Filter,
}
