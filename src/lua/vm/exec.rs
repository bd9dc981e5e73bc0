//! The loop over instructions.

use super::arith::{add, div, modulo, mul, pow, sub};
use super::errors::Operand;
use super::thread::{Frame, Kind, Then};
use super::window::{WINDOW, Window};
use super::{Lua, MAX_FRAMES};
use crate::compile::FIELDS_PER_FLUSH;
use crate::heap::{Heap, Slab};
use crate::op::{CONSTANT, Op, Proto};
use crate::value::{Closure, Upval, Value};
use std::rc::Rc;

/// A register's or a constant's value.
macro_rules! operand {
    ($lua:expr, $proto:expr, $base:expr, $x:expr) => {
        if $x < CONSTANT { $lua.stack[$base + usize::from($x)] } else { $proto.constants[usize::from($x - CONSTANT)] }
    };
}

/// Arithmetic on what are not both numbers.
macro_rules! arith {
    ($lua:expr, $proto:expr, $base:expr, $a:expr, $b:expr, $c:expr, $run:expr, $name:ident) => {{
        let (x, y) = (operand!($lua, $proto, $base, $b), operand!($lua, $proto, $base, $c));
        $lua.arith_slow($a, (x, $b.into()), (y, $c.into()), $lua.names.$name, $run)?;
    }};
}

/// Whether a shared variable is of a function that called this one.
fn below_frame(upval: &Upval, frame: &Frame) -> bool {
    matches!(upval, Upval::Open { at, .. } if *at < frame.base)
}

/// Begins a function of a fixed number of parameters, if nothing is in the way; its first instruction.
#[inline]
fn enter(
    frames: &mut Vec<Frame>,
    stack: &mut [Value],
    closures: &Slab<Closure>,
    (func, count): (usize, usize),
    then: Then,
    pc: usize,
) -> Option<usize> {
    let Value::Func(id) = *stack.get(func)? else { return None };
    let proto = &closures.get(id).proto;
    let base = func + 1;
    let end = base + usize::from(proto.registers);
    if proto.vararg || frames.len() >= MAX_FRAMES || stack.len() < end + WINDOW {
        return None;
    }
    stack.get_mut(base + count.min(usize::from(proto.params))..end)?.fill(Value::Nil);
    frames.last_mut()?.pc = pc as u32;
    let (func, base, end) = (func as u32, base as u32, end as u32);
    frames.push(Frame { kind: Kind::Lua, func, base, end, pc: 0, closure: id, then, tails: 0 });
    Some(0)
}

/// Ends a function that a function called as such; the caller's next instruction.
#[inline]
fn leave(frames: &mut Vec<Frame>, stack: &mut [Value], top: &mut usize, from: usize, count: usize) -> Option<usize> {
    let [.., caller, frame] = frames.as_slice() else { return None };
    let (Kind::Lua, Then::Place(wanted)) = (caller.kind, frame.then) else { return None };
    let (func, pc) = (frame.func as usize, caller.pc as usize);
    if wanted == 1 && count == 1 {
        *stack.get_mut(func)? = *stack.get(from)?;
    } else {
        let moved = usize::try_from(wanted).map_or(count, |wanted| count.min(wanted));
        let end = usize::try_from(wanted).map_or(func + count, |wanted| func + wanted);
        stack.get(from..from + moved)?;
        stack.get_mut(func + moved..end)?.fill(Value::Nil);
        stack.copy_within(from..from + moved, func);
        if wanted < 0 {
            *top = end;
        }
    }
    frames.pop();
    Some(pc)
}

impl Lua {
    /// Runs instructions until the budget is used up, the host is wanted, or nothing is left to run.
    pub(super) fn execute(&mut self) -> Result<(), Value> {
        while self.budget > 0 {
            let Some(base) = self.frames.last().filter(|f| f.kind == Kind::Lua).map(|f| f.base) else { return Ok(()) };
            self.grow_stack(base as usize)?;
            if let Some(op) = self.run_frames() {
                self.run_rare(op)?;
                self.check_memory()?;
            }
        }
        Ok(())
    }

    /// Runs functions, with what they call and where they return to, until an instruction comes that is not done here:
    /// that one is given back. Nothing of this makes or fails.
    fn run_frames(&mut self) -> Option<Op> {
        let Lua { heap: Heap { closures, tables, strings, upvals, .. }, stack, frames, open, top, current, .. } = self;
        let (mut pc, mut budget) = (self.pc as usize, self.budget);
        let stopped = loop {
            let Some(frame) = frames.last() else { break None };
            let Some((below, above)) = stack.split_at_mut_checked(frame.base as usize) else { break None };
            let Some(registers) = above.first_chunk_mut() else { break None };
            let closure = closures.get(frame.closure);
            let (code, constants) = (&*closure.proto.code, &*closure.proto.constants);
            let thread = *current;
            let mut window =
                Window { code, constants, registers, below, closure, tables, strings, upvals, thread, pc, budget };
            let stopped = window.run();
            (pc, budget) = (window.pc, window.budget);
            let next = match stopped {
                Some(Op::Call { a, b, c }) => {
                    let func = frame.base as usize + usize::from(a);
                    let count = if b == 0 { top.saturating_sub(func + 1) } else { usize::from(b) - 1 };
                    enter(frames, stack, closures, (func, count), Then::Place(i32::from(c) - 1), pc)
                }
                Some(Op::Return { a, b }) if open.last().is_none_or(|id| below_frame(upvals.get(*id), frame)) => {
                    let from = frame.base as usize + usize::from(a);
                    let count = if b == 0 { top.saturating_sub(from) } else { usize::from(b) - 1 };
                    leave(frames, stack, top, from, count)
                }
                _ => None,
            };
            match next {
                Some(next) => pc = next,
                None => break stopped,
            }
        };
        self.pc = pc as u32;
        self.budget = budget;
        stopped
    }

    /// The other instructions.
    fn run_rare(&mut self, op: Op) -> Result<(), Value> {
        let Some(&Frame { base, closure, .. }) = self.frames.last() else { return Ok(()) };
        let base = base as usize;
        let proto = Rc::clone(&self.heap.closures.get(closure).proto);
        let register = |n: u8| base + usize::from(n);
        match op {
            Op::Call { a, b, c } => {
                let func = register(a);
                let count = if b == 0 { self.top - func - 1 } else { usize::from(b) - 1 };
                self.from_lua = true;
                self.call_value(func, count, Then::Place(i32::from(c) - 1))?;
            }
            Op::TailCall { a, b } => {
                let func = register(a);
                let count = if b == 0 { self.top - func - 1 } else { usize::from(b) - 1 };
                self.from_lua = true;
                self.tail_call(func, count)?;
            }
            Op::Return { a, b } => {
                let first = register(a);
                let count = if b == 0 { self.top.saturating_sub(first) } else { usize::from(b) - 1 };
                self.leave(first, count)?;
            }
            Op::GetGlobal { a, k } => {
                let env = Value::Table(self.heap.closures.get(closure).env);
                self.get_into(a, env, proto.constants[k as usize], Operand::Nameless)?;
            }
            Op::SetGlobal { a, k } => {
                let env = Value::Table(self.heap.closures.get(closure).env);
                self.put(env, proto.constants[k as usize], self.stack[register(a)], Operand::Nameless)?;
            }
            Op::SetUpval { a, b } => self.set_upval(self.upval_id(closure, b), self.stack[register(a)]),
            Op::LoadNil { a, b } => self.stack[register(a)..=register(b)].fill(Value::Nil),
            Op::NewTable { a, arr, hash } => {
                self.stack[register(a)] = Value::Table(self.heap.table(usize::from(arr), usize::from(hash)));
            }
            Op::Method { a, b, c } => {
                let object = self.stack[register(b)];
                let key = operand!(self, proto, base, c);
                self.stack[register(a) + 1] = object;
                self.get_into(a, object, key, Operand::Register(b))?;
            }
            Op::Unm { a, b } => self.negate(a, b, base)?,
            Op::Len { a, b } => self.length(a, b, base)?,
            Op::Concat { a, b, c } => self.concat(a, b, register(c))?,
            Op::ForPrep { a, to } => self.for_prep(register(a), to)?,
            Op::ForIn { a, count } => self.for_in(a, count, base)?,
            Op::SetList { a, n, block } => self.set_list(register(a), n, block),
            Op::Close { a } => self.close_upvals(register(a) as u32),
            Op::Closure { a, k } => self.make_closure(register(a), &proto.protos[k as usize], base, closure),
            Op::VarArg { a, b } => self.var_args(register(a), b)?,
            other => self.run_operation(other, &proto, base, closure)?,
        }
        Ok(())
    }

    /// Operations on values that did not end with what the values themselves say.
    fn run_operation(&mut self, op: Op, proto: &Proto, base: usize, closure: u32) -> Result<(), Value> {
        let register = |n: u8| base + usize::from(n);
        match op {
            Op::GetUpval { a, b } => self.stack[register(a)] = self.upval(self.upval_id(closure, b)),
            Op::GetTable { a, b, c } => {
                let (object, key) = (self.stack[register(b)], operand!(self, proto, base, c));
                self.get_into(a, object, key, Operand::Register(b))?;
            }
            Op::SetTable { a, b, c } => {
                let (key, value) = (operand!(self, proto, base, b), operand!(self, proto, base, c));
                self.put(self.stack[register(a)], key, value, Operand::Register(a))?;
            }
            Op::Add { a, b, c } => arith!(self, proto, base, a, b, c, add, add),
            Op::Sub { a, b, c } => arith!(self, proto, base, a, b, c, sub, sub),
            Op::Mul { a, b, c } => arith!(self, proto, base, a, b, c, mul, mul),
            Op::Div { a, b, c } => arith!(self, proto, base, a, b, c, div, div),
            Op::Mod { a, b, c } => arith!(self, proto, base, a, b, c, modulo, modulo),
            Op::Pow { a, b, c } => arith!(self, proto, base, a, b, c, pow, pow),
            Op::Eq { want, b, c } => {
                self.compare_equal(operand!(self, proto, base, b), operand!(self, proto, base, c), want)?;
            }
            Op::Lt { want, b, c } => {
                self.compare_less(operand!(self, proto, base, b), operand!(self, proto, base, c), want)?;
            }
            Op::Le { want, b, c } => {
                self.compare_less_equal(operand!(self, proto, base, b), operand!(self, proto, base, c), want)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn jump_by(&mut self, to: i32) {
        self.pc = self.pc.wrapping_add_signed(to);
    }

    fn upval_id(&self, closure: u32, n: u8) -> u32 {
        self.heap.closures.get(closure).upvals.get(usize::from(n)).copied().unwrap_or(u32::MAX)
    }

    fn negate(&mut self, a: u8, b: u8, base: usize) -> Result<(), Value> {
        let value = self.stack[base + usize::from(b)];
        if let Value::Num(n) = value {
            self.stack[base + usize::from(a)] = Value::Num(-n);
            return Ok(());
        }
        let operand = (value, Operand::Register(b));
        self.arith_slow(a, operand, operand, self.names.unm, |n, _| -n)
    }

    fn length(&mut self, a: u8, b: u8, base: usize) -> Result<(), Value> {
        let value = self.stack[base + usize::from(b)];
        let n = match value {
            Value::Table(id) => self.heap.tables.get(id).len(&self.heap.strings),
            Value::Str(id) => self.heap.strings.get(id).bytes.len(),
            _ => {
                let handler = self.metamethod(value, self.names.len);
                if handler.is_nil() {
                    return Err(self.type_error("get length of", value, Operand::Register(b)));
                }
                self.from_lua = true;
                return self.call_above(handler, &[value, Value::Nil], Then::Store(a));
            }
        };
        self.stack[base + usize::from(a)] = Value::Num(n as f64);
        Ok(())
    }

    fn for_prep(&mut self, at: usize, to: i32) -> Result<(), Value> {
        for (n, what) in ["initial value", "limit", "step"].into_iter().enumerate() {
            match self.to_number(self.stack[at + n]) {
                Some(number) => self.stack[at + n] = Value::Num(number),
                None => return Err(self.runtime_error(&format!("'for' {what} must be a number"))),
            }
        }
        if let (Value::Num(index), Value::Num(step)) = (self.stack[at], self.stack[at + 2]) {
            self.stack[at] = Value::Num(sub(index, step));
        }
        self.jump_by(to);
        Ok(())
    }

    fn for_in(&mut self, a: u8, count: u8, base: usize) -> Result<(), Value> {
        let at = base + usize::from(a);
        self.grow_stack(at + 6)?;
        self.stack.copy_within(at..at + 3, at + 3);
        self.from_lua = true;
        self.call_value(at + 3, 2, Then::Iterate(a, count))
    }

    fn set_list(&mut self, at: usize, n: u16, block: u32) {
        let count = if n == 0 { self.top.saturating_sub(at + 1) } else { usize::from(n) };
        let Value::Table(table) = self.stack[at] else { return };
        let first = (block as usize - 1) * FIELDS_PER_FLUSH;
        let before = self.heap.tables.get(table).size();
        let Lua { heap, stack, .. } = self;
        heap.tables.get_mut(table).reserve_array(first + count, &heap.strings);
        heap.bytes += heap.tables.get(table).size().saturating_sub(before);
        for n in 1..=count {
            heap.set(table, Value::Num((first + n) as f64), stack[at + n]);
        }
    }

    fn make_closure(&mut self, at: usize, proto: &Rc<Proto>, base: usize, outer: u32) {
        let upvals: Vec<u32> = proto.captures.iter().map(|c| self.capture(*c, base, outer)).collect();
        let env = self.heap.closures.get(outer).env;
        self.stack[at] = self.closure(Rc::clone(proto), upvals.into_boxed_slice(), env);
    }

    fn var_args(&mut self, at: usize, b: u16) -> Result<(), Value> {
        let Some(frame) = self.frames.last() else { return Ok(()) };
        let from = frame.func as usize + 1 + usize::from(self.proto(frame).params);
        let given = (frame.base as usize).saturating_sub(from);
        let wanted = if b == 0 { given } else { usize::from(b) - 1 };
        self.grow_stack(at + wanted)?;
        let copied = wanted.min(given);
        self.stack.copy_within(from..from + copied, at);
        self.stack[at + copied..at + wanted].fill(Value::Nil);
        if b == 0 {
            self.top = at + given;
        }
        Ok(())
    }
}
