//! Messages, worded as Lua 5.1 words them, with the names of what was at fault.

use super::Lua;
use super::thread::{Frame, Kind};
use crate::compile::chunk_name;
use crate::op::{CONSTANT, Op, Proto};
use crate::value::Value;

/// What an instruction worked on, for its name.
#[derive(Clone, Copy, Debug)]
pub enum Operand {
    /// A register.
    Register(u8),
    /// Something without a name.
    Nameless,
}

impl From<u16> for Operand {
    fn from(operand: u16) -> Operand {
        if operand < CONSTANT { Operand::Register(operand as u8) } else { Operand::Nameless }
    }
}

impl Lua {
    /// A frame's code; empty where it is no function's.
    pub(super) fn proto(&self, frame: &Frame) -> &Proto {
        &self.heap.closures.get(frame.closure).proto
    }

    /// Whether a frame is of a function of a script.
    fn is_script(&self, frame: &Frame) -> bool {
        frame.kind == Kind::Lua && !self.proto(frame).internal
    }

    /// An error at the running instruction, if that is one of a script.
    pub(crate) fn runtime_error(&mut self, text: &str) -> Value {
        let place = match self.frames.last() {
            Some(frame) if self.is_script(frame) && !self.in_native => self.place_in(frame, self.pc),
            _ => Vec::new(),
        };
        self.heap.string(&[&place[..], text.as_bytes()].concat())
    }

    /// An error that a native function raises: at the place where it was called.
    pub(crate) fn native_error(&mut self, text: &str) -> Value {
        self.native_error_bytes(text.as_bytes())
    }

    /// Likewise, for text that need not be UTF-8.
    pub(crate) fn native_error_bytes(&mut self, text: &[u8]) -> Value {
        let place = self.where_level(1);
        self.heap.string(&[&place[..], text].concat())
    }

    /// `chunk:line: ` of a function that led here: 1 is the one that called the native function.
    pub(crate) fn where_level(&self, level: usize) -> Vec<u8> {
        if level == 0 || !self.from_lua {
            return Vec::new();
        }
        let mut level = level - 1;
        let mut inside = true;
        for (at, frame) in self.frames.iter().enumerate().rev() {
            let internal = frame.kind == Kind::Lua && self.proto(frame).internal;
            if inside && internal {
                // What a library function does through its own code counts as done by itself.
                continue;
            }
            inside = false;
            if level == 0 {
                let script = frame.kind == Kind::Lua && !internal;
                return if script { self.place_in(frame, self.pc_of(at)) } else { Vec::new() };
            }
            level -= 1;
            if frame.tails as usize > level {
                return Vec::new();
            }
            level -= frame.tails as usize;
        }
        Vec::new()
    }

    /// Where an error that nothing caught came from.
    pub(super) fn place_of_error(&self) -> Option<(Vec<u8>, u32)> {
        let at = self.frames.iter().rposition(|f| self.is_script(f))?;
        let proto = self.proto(&self.frames[at]);
        Some((proto.source.to_vec(), line_at(proto, self.pc_of(at))))
    }

    /// Where a frame is.
    fn pc_of(&self, at: usize) -> u32 {
        if at + 1 == self.frames.len() { self.pc } else { self.frames[at].pc }
    }

    /// `chunk:line: `
    fn place_in(&self, frame: &Frame, pc: u32) -> Vec<u8> {
        let proto = self.proto(frame);
        let mut text = chunk_name(&proto.source, 60);
        text.extend_from_slice(format!(":{}: ", line_at(proto, pc)).as_bytes());
        text
    }

    /// What a script calls an operand.
    fn described(&self, what: Operand) -> String {
        let Some(frame) = self.frames.last().filter(|f| self.is_script(f)) else {
            return String::new();
        };
        let Operand::Register(register) = what else { return String::new() };
        match object_name(self, self.proto(frame), self.pc.saturating_sub(1) as usize, register) {
            Some((kind, name)) => format!("{kind} '{}'", String::from_utf8_lossy(&name)),
            None => String::new(),
        }
    }

    /// `attempt to … a … value`
    pub(crate) fn type_error(&mut self, what: &str, value: Value, operand: Operand) -> Value {
        let name = self.described(operand);
        let kind = value.type_name();
        if name.is_empty() {
            self.runtime_error(&format!("attempt to {what} a {kind} value"))
        } else {
            self.runtime_error(&format!("attempt to {what} {name} (a {kind} value)"))
        }
    }

    pub(super) fn call_error(&mut self, func: usize, value: Value) -> Value {
        let base = self.base();
        let by_script = self.frames.last().is_some_and(|f| {
            matches!(
                self.proto(f).code.get(self.pc.saturating_sub(1) as usize),
                Some(Op::Call { .. } | Op::TailCall { .. } | Op::ForIn { .. })
            )
        });
        let operand = match u8::try_from(func.wrapping_sub(base)) {
            Ok(register) if by_script && self.from_lua => Operand::Register(register),
            _ => Operand::Nameless,
        };
        self.type_error("call", value, operand)
    }

    /// Arithmetic with what is no number.
    pub(super) fn arith_error(&mut self, x: (Value, Operand), y: (Value, Operand)) -> Value {
        let (value, operand) = if self.to_number(x.0).is_none() { x } else { y };
        self.type_error("perform arithmetic on", value, operand)
    }

    /// `attempt to compare …`
    pub(crate) fn order_error(&mut self, x: Value, y: Value) -> Value {
        let (x, y) = (x.type_name(), y.type_name());
        if x == y {
            self.runtime_error(&format!("attempt to compare two {x} values"))
        } else {
            self.runtime_error(&format!("attempt to compare {x} with {y}"))
        }
    }

    /// What the running native function was called as: kind and name.
    fn native_name(&self) -> Option<(&'static str, Vec<u8>)> {
        if !self.from_lua {
            return None;
        }
        let frame = self.frames.last().filter(|f| f.kind == Kind::Lua)?;
        let pc = self.pc.checked_sub(1)? as usize;
        let (Op::Call { a, .. } | Op::TailCall { a, .. } | Op::ForIn { a, .. }) = *self.proto(frame).code.get(pc)?
        else {
            return None;
        };
        object_name(self, self.proto(frame), pc, a)
    }

    /// `bad argument …`; arguments count from 1.
    pub(crate) fn argument_error(&mut self, mut n: usize, text: &str) -> Value {
        let (kind, name) = self.native_name().unwrap_or(("", b"?".to_vec()));
        let name = String::from_utf8_lossy(&name).into_owned();
        if kind == "method" {
            n -= 1;
            if n == 0 {
                return self.native_error(&format!("calling '{name}' on bad self ({text})"));
            }
        }
        self.native_error(&format!("bad argument #{n} to '{name}' ({text})"))
    }
}

/// The line of the instruction before `pc`.
pub fn line_at(proto: &Proto, pc: u32) -> u32 {
    proto.lines.get(pc.saturating_sub(1) as usize).copied().unwrap_or(0)
}

fn local_name(proto: &Proto, register: u8, pc: usize) -> Option<Vec<u8>> {
    let pc = pc as u32;
    let mut active = proto.locals.iter().filter(|l| l.from <= pc && pc < l.to);
    active.nth(usize::from(register)).map(|l| l.name.to_vec())
}

fn constant_name(lua: &Lua, proto: &Proto, key: u16) -> Vec<u8> {
    let constant = key.checked_sub(CONSTANT).and_then(|k| proto.constants.get(usize::from(k)));
    constant.and_then(|c| lua.heap.bytes_of(*c)).unwrap_or(b"?").to_vec()
}

/// What a register holds at an instruction, as far as the code tells.
pub(super) fn object_name(lua: &Lua, proto: &Proto, pc: usize, register: u8) -> Option<(&'static str, Vec<u8>)> {
    if let Some(name) = local_name(proto, register, pc) {
        return Some(("local", name));
    }
    let setter = last_setter(proto, pc, register)?;
    match proto.code[setter] {
        Op::GetGlobal { k, .. } => {
            let name = proto.constants.get(k as usize).and_then(|c| lua.heap.bytes_of(*c)).unwrap_or(b"?");
            Some(("global", name.to_vec()))
        }
        Op::Move { a, b } if b < a => object_name(lua, proto, setter, b),
        Op::GetTable { c, .. } => Some(("field", constant_name(lua, proto, c))),
        Op::GetUpval { b, .. } => {
            Some(("upvalue", proto.upval_names.get(usize::from(b)).map_or(b"?".to_vec(), |n| n.to_vec())))
        }
        Op::Method { c, .. } => Some(("method", constant_name(lua, proto, c))),
        _ => None,
    }
}

/// The instruction that set a register last before `end`.
fn last_setter(proto: &Proto, end: usize, register: u8) -> Option<usize> {
    let mut last = None;
    let mut pc = 0;
    while pc < end {
        let op = *proto.code.get(pc)?;
        pc += 1;
        let sets = match op {
            Op::Jmp { to } => {
                let target = pc as i64 + i64::from(to);
                if target > pc as i64 && target <= end as i64 {
                    pc = target as usize;
                }
                false
            }
            Op::LoadNil { a, b } => a <= register && register <= b,
            Op::Method { a, .. } => register == a || register == a + 1,
            Op::Call { a, .. } | Op::TailCall { a, .. } | Op::VarArg { a, .. } => register >= a,
            Op::ForIn { a, .. } => u16::from(register) >= u16::from(a) + 2,
            Op::ForLoop { a, .. } | Op::ForPrep { a, .. } => register == a || register == a + 3,
            Op::Move { a, .. }
            | Op::LoadK { a, .. }
            | Op::LoadBool { a, .. }
            | Op::GetUpval { a, .. }
            | Op::GetGlobal { a, .. }
            | Op::GetTable { a, .. }
            | Op::NewTable { a, .. }
            | Op::Add { a, .. }
            | Op::Sub { a, .. }
            | Op::Mul { a, .. }
            | Op::Div { a, .. }
            | Op::Mod { a, .. }
            | Op::Pow { a, .. }
            | Op::Unm { a, .. }
            | Op::Not { a, .. }
            | Op::Len { a, .. }
            | Op::Concat { a, .. }
            | Op::TestSet { a, .. }
            | Op::Closure { a, .. } => a == register,
            _ => false,
        };
        if sets {
            last = Some(pc - 1);
        }
    }
    last
}
