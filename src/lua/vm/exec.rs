//! The loop over instructions.

use super::Lua;
use super::arith::{add, div, modulo, mul, pow, sub};
use super::errors::Operand;
use super::thread::{Kind, Then};
use crate::compile::FIELDS_PER_FLUSH;
use crate::op::{CONSTANT, Op, Proto};
use crate::value::Value;
use std::rc::Rc;

/// A register's or a constant's value.
macro_rules! operand {
    ($lua:expr, $proto:expr, $base:expr, $x:expr) => {
        if $x < CONSTANT { $lua.stack[$base + usize::from($x)] } else { $proto.constants[usize::from($x - CONSTANT)] }
    };
}

/// Arithmetic: at once on numbers, else the long way.
macro_rules! arith {
    ($lua:expr, $proto:expr, $base:expr, $a:expr, $b:expr, $c:expr, $run:expr, $name:ident) => {{
        let (x, y) = (operand!($lua, $proto, $base, $b), operand!($lua, $proto, $base, $c));
        if let (Value::Num(m), Value::Num(n)) = (x, y) {
            $lua.stack[$base + usize::from($a)] = Value::Num($run(m, n));
        } else {
            $lua.arith_slow($a, (x, $b.into()), (y, $c.into()), $lua.names.$name, $run)?;
            return Ok(());
        }
    }};
}

impl Lua {
    /// Runs instructions until the budget is used up, the host is wanted, or nothing is left to run.
    pub(super) fn execute(&mut self) -> Result<(), Value> {
        while self.budget > 0 {
            let Some(frame) = self.frames.last() else { return Ok(()) };
            if frame.kind != Kind::Lua {
                return Ok(());
            }
            let proto = Rc::clone(&frame.proto);
            let (base, closure) = (frame.base as usize, frame.closure);
            self.run_frame(&proto, base, closure)?;
        }
        Ok(())
    }

    /// Runs one function until frames may have changed.
    fn run_frame(&mut self, proto: &Rc<Proto>, base: usize, closure: u32) -> Result<(), Value> {
        while self.budget > 0 {
            let Some(op) = proto.code.get(self.pc as usize).copied() else { return self.leave(base, 0) };
            self.pc += 1;
            self.budget -= 1;
            match op {
                Op::Move { a, b } => self.stack[base + usize::from(a)] = self.stack[base + usize::from(b)],
                Op::LoadK { a, k } => self.stack[base + usize::from(a)] = proto.constants[k as usize],
                Op::GetUpval { a, b } => {
                    self.stack[base + usize::from(a)] = self.upval(self.upval_id(closure, b));
                }
                Op::GetTable { a, b, c } => {
                    let (object, key) = (self.stack[base + usize::from(b)], operand!(self, proto, base, c));
                    if let Value::Table(id) = object {
                        let value = self.heap.get(id, key);
                        if !value.is_nil() {
                            self.stack[base + usize::from(a)] = value;
                            continue;
                        }
                    }
                    return self.get_into(a, object, key, Operand::Register(b));
                }
                Op::SetTable { a, b, c } => {
                    let (key, value) = (operand!(self, proto, base, b), operand!(self, proto, base, c));
                    let object = self.stack[base + usize::from(a)];
                    if let Value::Table(id) = object {
                        let table = self.heap.tables.get_mut(id);
                        if table.meta.is_none() && !table.readonly && table.replace(key, value, &self.heap.strings) {
                            continue;
                        }
                    }
                    return self.put(object, key, value, Operand::Register(a));
                }
                Op::Add { a, b, c } => arith!(self, proto, base, a, b, c, add, add),
                Op::Sub { a, b, c } => arith!(self, proto, base, a, b, c, sub, sub),
                Op::Mul { a, b, c } => arith!(self, proto, base, a, b, c, mul, mul),
                Op::Div { a, b, c } => arith!(self, proto, base, a, b, c, div, div),
                Op::Mod { a, b, c } => arith!(self, proto, base, a, b, c, modulo, modulo),
                Op::Pow { a, b, c } => arith!(self, proto, base, a, b, c, pow, pow),
                Op::Jmp { to } => self.jump_by(to),
                Op::Test { a, want } => {
                    let holds = self.stack[base + usize::from(a)].truthy();
                    self.skip_unless(holds == want);
                }
                Op::TestSet { a, b, want } => {
                    let value = self.stack[base + usize::from(b)];
                    if value.truthy() == want {
                        self.stack[base + usize::from(a)] = value;
                    } else {
                        self.pc += 1;
                    }
                }
                Op::Lt { want, b, c } => {
                    let (x, y) = (operand!(self, proto, base, b), operand!(self, proto, base, c));
                    if let (Value::Num(m), Value::Num(n)) = (x, y) {
                        self.skip_unless((m < n) == want);
                    } else {
                        return self.compare_less(x, y, want);
                    }
                }
                Op::ForLoop { a, to } => self.for_loop(base + usize::from(a), to),
                other => return self.run_rare(other, proto, base, closure),
            }
        }
        Ok(())
    }

    /// The other instructions.
    fn run_rare(&mut self, op: Op, proto: &Rc<Proto>, base: usize, closure: u32) -> Result<(), Value> {
        let register = |n: u8| base + usize::from(n);
        match op {
            Op::Call { a, b, c } => {
                let func = register(a);
                let count = if b == 0 { self.top - func - 1 } else { usize::from(b) - 1 };
                self.from_lua = true;
                self.call_value(func, count, Then::Place(i32::from(c) - 1))?;
                self.check_memory()?;
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
            Op::LoadBool { a, value, skip } => {
                self.stack[register(a)] = Value::Bool(value);
                self.pc += u32::from(skip);
            }
            Op::LoadNil { a, b } => self.stack[register(a)..=register(b)].fill(Value::Nil),
            Op::NewTable { a, arr, hash } => {
                self.stack[register(a)] = Value::Table(self.heap.table(usize::from(arr), usize::from(hash)));
                self.check_memory()?;
            }
            Op::Method { a, b, c } => {
                let object = self.stack[register(b)];
                let key = operand!(self, proto, base, c);
                self.stack[register(a) + 1] = object;
                self.get_into(a, object, key, Operand::Register(b))?;
            }
            Op::Not { a, b } => self.stack[register(a)] = Value::Bool(!self.stack[register(b)].truthy()),
            Op::Unm { a, b } => self.negate(a, b, base)?,
            Op::Len { a, b } => self.length(a, b, base)?,
            Op::Concat { a, b, c } => self.concat(a, b, register(c))?,
            Op::Eq { want, b, c } => {
                self.compare_equal(operand!(self, proto, base, b), operand!(self, proto, base, c), want)?;
            }
            Op::Lt { want, b, c } => {
                self.compare_less(operand!(self, proto, base, b), operand!(self, proto, base, c), want)?;
            }
            Op::Le { want, b, c } => {
                self.compare_less_equal(operand!(self, proto, base, b), operand!(self, proto, base, c), want)?;
            }
            Op::ForPrep { a, to } => self.for_prep(register(a), to)?,
            Op::ForIn { a, count } => self.for_in(a, count, base)?,
            Op::SetList { a, n, block } => self.set_list(register(a), n, block)?,
            Op::Close { a } => self.close_upvals(register(a) as u32),
            Op::Closure { a, k } => self.make_closure(register(a), &proto.protos[k as usize], base, closure)?,
            Op::VarArg { a, b } => self.var_args(register(a), b)?,
            _ => {}
        }
        Ok(())
    }

    #[inline]
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

    fn for_loop(&mut self, at: usize, to: i32) {
        let (Value::Num(index), Value::Num(limit), Value::Num(step)) =
            (self.stack[at], self.stack[at + 1], self.stack[at + 2])
        else {
            return;
        };
        let index = index + step;
        if if step > 0.0 { index <= limit } else { limit <= index } {
            self.stack[at] = Value::Num(index);
            self.stack[at + 3] = Value::Num(index);
            self.jump_by(to);
        }
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

    fn set_list(&mut self, at: usize, n: u16, block: u32) -> Result<(), Value> {
        let count = if n == 0 { self.top.saturating_sub(at + 1) } else { usize::from(n) };
        let Value::Table(table) = self.stack[at] else { return Ok(()) };
        let first = (block as usize - 1) * FIELDS_PER_FLUSH;
        let before = self.heap.tables.get(table).size();
        let Lua { heap, stack, .. } = self;
        heap.tables.get_mut(table).reserve_array(first + count, &heap.strings);
        heap.bytes += heap.tables.get(table).size().saturating_sub(before);
        for n in 1..=count {
            heap.set(table, Value::Num((first + n) as f64), stack[at + n]);
        }
        self.check_memory()
    }

    fn make_closure(&mut self, at: usize, proto: &Rc<Proto>, base: usize, outer: u32) -> Result<(), Value> {
        let upvals: Vec<u32> = proto.captures.iter().map(|c| self.capture(*c, base, outer)).collect();
        let env = self.heap.closures.get(outer).env;
        self.stack[at] = self.closure(Rc::clone(proto), upvals.into_boxed_slice(), env);
        self.check_memory()
    }

    fn var_args(&mut self, at: usize, b: u16) -> Result<(), Value> {
        let Some(frame) = self.frames.last() else { return Ok(()) };
        let from = frame.func as usize + 1 + usize::from(frame.proto.params);
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
