//! The instructions of the register machine, and compiled functions.

use crate::value::Value;
use std::cell::Cell;
use std::rc::Rc;

/// From here on an operand means a constant instead of a register.
pub const CONSTANT: u16 = 256;

/// An instruction. `a` is a register; `b` and `c` of type `u16` are registers or constants.
#[allow(missing_docs)]
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Op {
    Move {
        a: u8,
        b: u8,
    },
    LoadK {
        a: u8,
        k: u32,
    },
    LoadBool {
        a: u8,
        value: bool,
        skip: bool,
    },
    /// Registers `a` to `b`.
    LoadNil {
        a: u8,
        b: u8,
    },
    GetUpval {
        a: u8,
        b: u8,
    },
    GetGlobal {
        a: u8,
        k: u32,
    },
    GetTable {
        a: u8,
        b: u8,
        c: u16,
    },
    SetGlobal {
        a: u8,
        k: u32,
    },
    SetUpval {
        a: u8,
        b: u8,
    },
    SetTable {
        a: u8,
        b: u16,
        c: u16,
    },
    NewTable {
        a: u8,
        arr: u16,
        hash: u16,
    },
    Method {
        a: u8,
        b: u8,
        c: u16,
    },
    Add {
        a: u8,
        b: u16,
        c: u16,
    },
    Sub {
        a: u8,
        b: u16,
        c: u16,
    },
    Mul {
        a: u8,
        b: u16,
        c: u16,
    },
    Div {
        a: u8,
        b: u16,
        c: u16,
    },
    Mod {
        a: u8,
        b: u16,
        c: u16,
    },
    Pow {
        a: u8,
        b: u16,
        c: u16,
    },
    Unm {
        a: u8,
        b: u8,
    },
    Not {
        a: u8,
        b: u8,
    },
    Len {
        a: u8,
        b: u8,
    },
    /// Registers `b` to `c`.
    Concat {
        a: u8,
        b: u8,
        c: u8,
    },
    Jmp {
        to: i32,
    },
    /// Skips the next instruction unless the comparison gives `want`.
    Eq {
        want: bool,
        b: u16,
        c: u16,
    },
    Lt {
        want: bool,
        b: u16,
        c: u16,
    },
    Le {
        want: bool,
        b: u16,
        c: u16,
    },
    /// Skips the next instruction unless the register's truth is `want`.
    Test {
        a: u8,
        want: bool,
    },
    TestSet {
        a: u8,
        b: u8,
        want: bool,
    },
    /// `b` arguments and one, 0 for up to the top; `c` results and one, 0 for all.
    Call {
        a: u8,
        b: u16,
        c: u16,
    },
    TailCall {
        a: u8,
        b: u16,
    },
    Return {
        a: u8,
        b: u16,
    },
    ForLoop {
        a: u8,
        to: i32,
    },
    ForPrep {
        a: u8,
        to: i32,
    },
    ForIn {
        a: u8,
        count: u8,
    },
    /// `n` items (0 for up to the top) of the block's number.
    SetList {
        a: u8,
        n: u16,
        block: u32,
    },
    Close {
        a: u8,
    },
    Closure {
        a: u8,
        k: u32,
    },
    VarArg {
        a: u8,
        b: u16,
    },
}

/// Where a new function finds an upvalue.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Capture {
    /// A register of the function around it.
    Local(u8),
    /// An upvalue of the function around it.
    Upval(u8),
}

/// A name of a register between two instructions.
#[derive(Clone, Debug)]
pub struct LocalName {
    /// The name.
    pub name: Box<[u8]>,
    /// The first instruction where it holds.
    pub from: u32,
    /// The first where it no longer does.
    pub to: u32,
}

/// A compiled function.
#[derive(Debug, Default)]
pub struct Proto {
    /// Instructions.
    pub code: Vec<Op>,
    /// The line of each.
    pub lines: Vec<u32>,
    /// Constants.
    pub constants: Vec<Value>,
    /// Functions within.
    pub protos: Vec<Rc<Proto>>,
    /// How its upvalues are found.
    pub captures: Vec<Capture>,
    /// Their names.
    pub upval_names: Vec<Box<[u8]>>,
    /// Names of local variables, in order of declaration.
    pub locals: Vec<LocalName>,
    /// Parameters.
    pub params: u8,
    /// Takes more.
    pub vararg: bool,
    /// Wants the table `arg` of Lua 5.0.
    pub needs_arg: bool,
    /// Registers it uses.
    pub registers: u8,
    /// `@file`, `=name` or the source itself.
    pub source: Rc<[u8]>,
    /// A part of the library: counts as a native function in messages.
    pub internal: bool,
    /// The last collection that saw it.
    pub seen: Cell<u32>,
}
