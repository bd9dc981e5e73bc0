//! The state of a function being compiled: its blocks, variables, upvalues and constants.

use super::{Parser, Result, SyntaxError};
use crate::op::{Capture, LocalName, Op, Proto};
use crate::value::Value;
use std::collections::BTreeMap;

/// Registers at most.
const MAX_REGISTERS: usize = 250;
/// Local variables at most.
const MAX_LOCALS: usize = 200;
/// Upvalues at most.
const MAX_UPVALS: usize = 60;

/// A block.
#[derive(Debug)]
pub struct Block {
    /// Jumps of `break`.
    pub breaks: Vec<usize>,
    /// How many variables are active outside of it.
    pub outer: usize,
    /// A function within took a variable of it.
    pub captured: bool,
    /// `break` leaves it.
    pub breakable: bool,
}

/// What a constant is found again by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ConstantKey {
    Nil,
    Bool(bool),
    Num(u64),
    Str(Vec<u8>),
}

/// A function being compiled.
#[derive(Debug, Default)]
pub struct Function {
    /// What is made.
    pub proto: Proto,
    /// Blocks, the innermost last.
    pub blocks: Vec<Block>,
    /// Places of the active variables' names.
    pub active: Vec<usize>,
    /// Variables that are declared but not active yet.
    pub pending: usize,
    /// The first free register.
    pub free: usize,
    /// The last place that something jumps to.
    pub target: Option<usize>,
    /// Jumps to the next instruction.
    pub jumps_here: Vec<usize>,
    /// Line where it begins; 0 for a chunk.
    pub line: u32,
    constants: BTreeMap<ConstantKey, u32>,
}

impl Function {
    /// Where the next instruction goes.
    pub fn pc(&self) -> usize {
        self.proto.code.len()
    }

    /// Active variables.
    pub fn locals(&self) -> usize {
        self.active.len() - self.pending
    }

    fn local(&self, name: &[u8]) -> Option<u8> {
        let known = &self.active[..self.locals()];
        known.iter().rposition(|at| &*self.proto.locals[*at].name == name).map(|n| n as u8)
    }
}

/// How a name is bound.
pub enum Binding {
    Local(u8),
    Upval(u8),
    Global,
}

impl Parser<'_> {
    /// The innermost function.
    pub(super) fn function(&mut self) -> &mut Function {
        if self.functions.is_empty() {
            self.functions.push(Function::default());
        }
        let last = self.functions.len() - 1;
        &mut self.functions[last]
    }

    pub(super) fn open_function(&mut self, line: u32) {
        let internal = &*self.source == b"=[C]";
        let proto = Proto { source: self.source.clone(), registers: 2, internal, ..Proto::default() };
        self.functions.push(Function { proto, line, ..Function::default() });
        self.open_block(false);
    }

    pub(super) fn close_function(&mut self) -> Proto {
        self.emit(Op::Return { a: 0, b: 1 });
        self.end_locals(0);
        self.functions.pop().unwrap_or_default().proto
    }

    pub(super) fn open_block(&mut self, breakable: bool) {
        let function = self.function();
        let outer = function.locals();
        function.blocks.push(Block { breaks: Vec::new(), outer, captured: false, breakable });
    }

    pub(super) fn close_block(&mut self) {
        let Some(block) = self.function().blocks.pop() else { return };
        self.end_locals(block.outer);
        if block.captured {
            self.emit(Op::Close { a: block.outer as u8 });
        }
        let function = self.function();
        function.free = function.locals();
        self.patch_here(block.breaks);
    }

    /// Declares a variable; it becomes active with [`Parser::activate`].
    pub(super) fn declare(&mut self, name: &[u8]) -> Result<()> {
        let function = self.function();
        if function.active.len() >= MAX_LOCALS {
            return Err(self.too_many(MAX_LOCALS, "local variables"));
        }
        let at = function.proto.locals.len();
        function.proto.locals.push(LocalName { name: name.into(), from: u32::MAX, to: u32::MAX });
        function.active.push(at);
        function.pending += 1;
        Ok(())
    }

    pub(super) fn too_many(&mut self, limit: usize, what: &str) -> SyntaxError {
        let line = self.function().line;
        let place = if line == 0 { "main function".to_owned() } else { format!("function at line {line}") };
        self.lexer.error_plain(&format!("{place} has more than {limit} {what}"))
    }

    /// Makes the last declared variables visible.
    pub(super) fn activate(&mut self) {
        let function = self.function();
        let pc = function.pc() as u32;
        let from = function.locals();
        for at in &function.active[from..] {
            function.proto.locals[*at].from = pc;
        }
        function.pending = 0;
    }

    fn end_locals(&mut self, keep: usize) {
        let function = self.function();
        let pc = function.pc() as u32;
        for at in function.active.drain(keep..) {
            function.proto.locals[at].to = pc;
        }
        function.pending = 0;
    }

    /// Finds a variable.
    pub(super) fn bind(&mut self, name: &[u8]) -> Result<Binding> {
        let last = self.functions.len() - 1;
        self.bind_in(last, name, true)
    }

    fn bind_in(&mut self, level: usize, name: &[u8], own: bool) -> Result<Binding> {
        if let Some(register) = self.functions[level].local(name) {
            if !own {
                let blocks = &mut self.functions[level].blocks;
                if let Some(block) = blocks.iter_mut().rev().find(|b| b.outer <= usize::from(register)) {
                    block.captured = true;
                }
            }
            return Ok(Binding::Local(register));
        }
        if level == 0 {
            return Ok(Binding::Global);
        }
        let capture = match self.bind_in(level - 1, name, false)? {
            Binding::Global => return Ok(Binding::Global),
            Binding::Local(register) => Capture::Local(register),
            Binding::Upval(n) => Capture::Upval(n),
        };
        let proto = &mut self.functions[level].proto;
        if let Some(n) = proto.captures.iter().position(|c| *c == capture) {
            return Ok(Binding::Upval(n as u8));
        }
        if proto.captures.len() >= MAX_UPVALS {
            return Err(self.too_many(MAX_UPVALS, "upvalues"));
        }
        proto.captures.push(capture);
        proto.upval_names.push(name.into());
        Ok(Binding::Upval((proto.captures.len() - 1) as u8))
    }

    /// The number of a constant.
    pub(super) fn constant(&mut self, key: ConstantKey) -> u32 {
        if let Some(n) = self.function().constants.get(&key) {
            return *n;
        }
        let value = match &key {
            ConstantKey::Nil => Value::Nil,
            ConstantKey::Bool(b) => Value::Bool(*b),
            ConstantKey::Num(bits) => Value::Num(f64::from_bits(*bits)),
            ConstantKey::Str(bytes) => self.heap.interned(bytes).unwrap_or_else(|| self.heap.string(bytes)),
        };
        let function = self.function();
        let n = function.proto.constants.len() as u32;
        function.proto.constants.push(value);
        function.constants.insert(key, n);
        n
    }

    /// Takes registers.
    pub(super) fn reserve(&mut self, n: usize) -> Result<()> {
        self.check_registers(n)?;
        self.function().free += n;
        Ok(())
    }

    /// Sees that so many registers more are there.
    pub(super) fn check_registers(&mut self, n: usize) -> Result<()> {
        let function = self.function();
        let wanted = function.free + n;
        if wanted > usize::from(function.proto.registers) {
            if wanted >= MAX_REGISTERS {
                return Err(self.lexer.error_plain("function or expression too complex"));
            }
            function.proto.registers = wanted as u8;
        }
        Ok(())
    }

    /// Gives a register back, if it is a temporary one.
    pub(super) fn release(&mut self, register: u16) {
        let function = self.function();
        if usize::from(register) >= function.locals()
            && register < crate::op::CONSTANT
            && function.free > usize::from(register)
        {
            function.free -= 1;
        }
    }
}
