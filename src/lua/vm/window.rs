//! The instructions that need nothing but a function's own registers, its constants, tables and shared variables: most
//! of what runs. Those that may call something, make something or fail are left to [`super::exec`].

use super::arith::{add, div, modulo, mul, pow, sub};
use crate::heap::Slab;
use crate::op::{CONSTANT, Op};
use crate::table::Table;
use crate::value::{Closure, Str, Upval, Value};

/// So many places are on the stack from every function's first register on: an operand always finds its register.
pub const WINDOW: usize = 256;

/// What a running function reaches.
pub struct Window<'a> {
    pub code: &'a [Op],
    pub constants: &'a [Value],
    pub registers: &'a mut [Value; WINDOW],
    /// The stack below the registers.
    pub below: &'a mut [Value],
    pub closure: &'a Closure,
    pub tables: &'a mut Slab<Table>,
    pub strings: &'a Slab<Str>,
    pub upvals: &'a mut Slab<Upval>,
    /// The coroutine.
    pub thread: u32,
    /// The next instruction.
    pub pc: usize,
    /// Instructions that may still run.
    pub budget: i64,
}

/// Arithmetic on numbers; all else is given back.
macro_rules! arith {
    ($window:expr, $a:expr, $b:expr, $c:expr, $run:expr) => {
        match ($window.operand($b), $window.operand($c)) {
            (Value::Num(m), Value::Num(n)) => $window.set($a, Value::Num($run(m, n))),
            _ => false,
        }
    };
}

impl Window<'_> {
    /// Runs instructions until the budget is used up (`None`) or one comes that is not done here: that one counts as
    /// run, and is given back.
    #[inline(always)]
    pub fn run(&mut self) -> Option<Op> {
        while self.budget > 0 {
            // The end of the code returns nothing.
            let op = self.code.get(self.pc).unwrap_or(&Op::Return { a: 0, b: 1 });
            self.pc += 1;
            self.budget -= 1;
            let done = match *op {
                Op::Move { a, b } => self.set(a, self.registers[usize::from(b)]),
                Op::LoadK { a, k } => self.set(a, self.constants[k as usize]),
                Op::LoadBool { a, value, skip } => {
                    self.pc += usize::from(skip);
                    self.set(a, Value::Bool(value))
                }
                Op::GetUpval { a, b } => self.get_upval(a, b),
                Op::SetUpval { a, b } => self.set_upval(a, b),
                Op::GetGlobal { a, k } => self.find(a, Value::Table(self.closure.env), self.constants[k as usize]),
                Op::GetTable { a, b, c } => self.find(a, self.registers[usize::from(b)], self.operand(c)),
                Op::SetTable { a, b, c } => self.replace(a, self.operand(b), self.operand(c)),
                Op::Method { a, b, c } => self.method(a, b, c),
                Op::Add { a, b, c } => arith!(self, a, b, c, add),
                Op::Sub { a, b, c } => arith!(self, a, b, c, sub),
                Op::Mul { a, b, c } => arith!(self, a, b, c, mul),
                Op::Div { a, b, c } => arith!(self, a, b, c, div),
                Op::Mod { a, b, c } => arith!(self, a, b, c, modulo),
                Op::Pow { a, b, c } => arith!(self, a, b, c, pow),
                Op::Not { a, b } => self.set(a, Value::Bool(!self.registers[usize::from(b)].truthy())),
                Op::Len { a, b } => self.length(a, b),
                Op::Jmp { to } => self.jump(to),
                Op::Test { a, want } => self.test(self.registers[usize::from(a)].truthy() == want),
                Op::TestSet { a, b, want } => {
                    let value = self.registers[usize::from(b)];
                    if value.truthy() == want {
                        self.registers[usize::from(a)] = value;
                    }
                    self.test(value.truthy() == want)
                }
                Op::Eq { want, b, c } => self.equal(self.operand(b), self.operand(c), want),
                Op::Lt { want, b, c } => self.compare(b, c, want, |m, n| m < n),
                Op::Le { want, b, c } => self.compare(b, c, want, |m, n| m <= n),
                Op::ForLoop { a, to } => self.for_loop(a, to),
                other => return Some(other),
            };
            if !done {
                return Some(*op);
            }
        }
        None
    }

    #[inline(always)]
    fn operand(&self, x: u16) -> Value {
        match x.checked_sub(CONSTANT) {
            None => self.registers[usize::from(x as u8)],
            Some(k) => self.constants[usize::from(k)],
        }
    }

    #[inline(always)]
    fn set(&mut self, a: u8, value: Value) -> bool {
        self.registers[usize::from(a)] = value;
        true
    }

    #[inline(always)]
    fn jump(&mut self, to: i32) -> bool {
        self.pc = self.pc.wrapping_add_signed(to as isize);
        true
    }

    /// Skips the next instruction unless the test holds. It is a jump, which is made at once if it may still run.
    #[inline(always)]
    fn test(&mut self, holds: bool) -> bool {
        if !holds {
            self.pc += 1;
        } else if self.budget > 0
            && let Some(Op::Jmp { to }) = self.code.get(self.pc)
        {
            self.budget -= 1;
            self.pc += 1;
            self.jump(*to);
        }
        true
    }

    /// `object[key]`, where it has a value of its own.
    #[inline(always)]
    fn find(&mut self, a: u8, object: Value, key: Value) -> bool {
        let Value::Table(id) = object else { return false };
        let value = self.tables.get(id).get(key, self.strings);
        !value.is_nil() && self.set(a, value)
    }

    /// `object[key] = value`, where the key is there.
    #[inline(always)]
    fn replace(&mut self, a: u8, key: Value, value: Value) -> bool {
        let Value::Table(id) = self.registers[usize::from(a)] else { return false };
        let table = self.tables.get_mut(id);
        table.meta.is_none() && !table.readonly && table.replace(key, value, self.strings)
    }

    #[inline(always)]
    fn method(&mut self, a: u8, b: u8, c: u16) -> bool {
        let (object, key) = (self.registers[usize::from(b)], self.operand(c));
        let Value::Table(id) = object else { return false };
        let value = self.tables.get(id).get(key, self.strings);
        if value.is_nil() {
            return false;
        }
        let Some([function, argument]) = self.registers.get_mut(usize::from(a)..usize::from(a) + 2) else {
            return false;
        };
        (*function, *argument) = (value, object);
        true
    }

    /// A shared variable.
    #[inline(always)]
    fn shared(&mut self, n: u8) -> Option<&mut Value> {
        match self.upvals.get_mut(*self.closure.upvals.get(usize::from(n))?) {
            Upval::Closed(value) => Some(value),
            Upval::Open { thread, at } if *thread == self.thread => {
                let (at, base) = (*at as usize, self.below.len());
                if at < base { self.below.get_mut(at) } else { self.registers.get_mut(at - base) }
            }
            Upval::Open { .. } => None,
        }
    }

    #[inline(always)]
    fn get_upval(&mut self, a: u8, b: u8) -> bool {
        let value = self.shared(b).copied();
        value.is_some_and(|value| self.set(a, value))
    }

    #[inline(always)]
    fn set_upval(&mut self, a: u8, b: u8) -> bool {
        let value = self.registers[usize::from(a)];
        self.shared(b).map(|shared| *shared = value).is_some()
    }

    #[inline(always)]
    fn length(&mut self, a: u8, b: u8) -> bool {
        let n = match self.registers[usize::from(b)] {
            Value::Table(id) => self.tables.get(id).len(self.strings),
            Value::Str(id) => self.strings.get(id).bytes.len(),
            _ => return false,
        };
        self.set(a, Value::Num(n as f64))
    }

    /// `x == y`, where no metamethod can say otherwise.
    #[inline(always)]
    fn equal(&mut self, x: Value, y: Value, want: bool) -> bool {
        let equal = match (x, y) {
            (Value::Str(a), Value::Str(b)) => a == b || crate::table::equal_strings(a, b, self.strings),
            _ => x == y,
        };
        if !equal && matches!(x, Value::Table(_) | Value::User(_)) {
            return false;
        }
        self.test(equal == want)
    }

    /// A comparison of numbers.
    #[inline(always)]
    fn compare(&mut self, b: u16, c: u16, want: bool, holds: impl Fn(f64, f64) -> bool) -> bool {
        match (self.operand(b), self.operand(c)) {
            (Value::Num(m), Value::Num(n)) => self.test(holds(m, n) == want),
            _ => false,
        }
    }

    #[inline(always)]
    fn for_loop(&mut self, a: u8, to: i32) -> bool {
        let at = usize::from(a);
        let Some([first, Value::Num(limit), Value::Num(step), shown]) = self.registers.get_mut(at..at + 4) else {
            return false;
        };
        let Value::Num(index) = *first else { return false };
        let index = index + *step;
        if if *step > 0.0 { index <= *limit } else { *limit <= index } {
            *first = Value::Num(index);
            *shown = Value::Num(index);
            self.jump(to);
        }
        true
    }
}
