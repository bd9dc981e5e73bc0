//! What happens where a value's own type does not do: metatables.

use super::Lua;
use super::errors::Operand;
use super::thread::Then;
use crate::value::Value;

/// Metatables looked through at most.
const MAX_CHAIN: usize = 100;

/// Where a value is to be got or put.
pub enum Access {
    /// It is done; this is the value.
    Value(Value),
    /// This function does it with this object.
    Call(Value, Value),
}

impl Lua {
    /// A value's metatable.
    pub(crate) fn metatable(&self, value: Value) -> Option<u32> {
        match value {
            Value::Table(id) => self.heap.tables.get(id).meta,
            Value::User(id) => self.heap.users.get(id).meta,
            Value::Str(_) => self.string_meta,
            _ => None,
        }
    }

    /// A field of its metatable.
    pub(crate) fn metamethod(&self, value: Value, name: Value) -> Value {
        self.metatable(value).map_or(Value::Nil, |meta| self.heap.get(meta, name))
    }

    /// `object[key]`
    pub(super) fn access(&mut self, mut object: Value, key: Value, mut operand: Operand) -> Result<Access, Value> {
        for _ in 0..MAX_CHAIN {
            let handler = if let Value::Table(id) = object {
                let value = self.heap.get(id, key);
                if !value.is_nil() {
                    return Ok(Access::Value(value));
                }
                let handler = self.metamethod(object, self.names.index);
                if handler.is_nil() {
                    return Ok(Access::Value(Value::Nil));
                }
                handler
            } else {
                let handler = self.metamethod(object, self.names.index);
                if handler.is_nil() {
                    return Err(self.type_error("index", object, operand));
                }
                handler
            };
            if let Value::Func(_) | Value::Native(_) = handler {
                return Ok(Access::Call(handler, object));
            }
            object = handler;
            operand = Operand::Nameless;
        }
        Err(self.runtime_error("loop in gettable"))
    }

    /// `object[key]` into a register.
    pub(super) fn get_into(&mut self, a: u8, object: Value, key: Value, operand: Operand) -> Result<(), Value> {
        match self.access(object, key, operand)? {
            Access::Value(value) => {
                let at = self.base() + usize::from(a);
                self.stack[at] = value;
                Ok(())
            }
            Access::Call(f, object) => {
                self.from_lua = true;
                self.call_above(f, &[object, key], Then::Store(a))
            }
        }
    }

    /// `object[key] = value`
    pub(super) fn put(&mut self, mut object: Value, key: Value, value: Value, mut what: Operand) -> Result<(), Value> {
        for _ in 0..MAX_CHAIN {
            let handler = if let Value::Table(id) = object {
                let table = self.heap.tables.get(id);
                if table.readonly {
                    return Err(self.runtime_error("Attempt to modify a readonly table"));
                }
                let handler = match table.meta {
                    Some(meta) if self.heap.get(id, key).is_nil() => self.heap.get(meta, self.names.newindex),
                    _ => Value::Nil,
                };
                if handler.is_nil() {
                    return self.set_checked(id, key, value);
                }
                handler
            } else {
                let handler = self.metamethod(object, self.names.newindex);
                if handler.is_nil() {
                    return Err(self.type_error("index", object, what));
                }
                handler
            };
            if let Value::Func(_) | Value::Native(_) = handler {
                self.from_lua = true;
                return self.call_above(handler, &[object, key, value], Then::Drop);
            }
            object = handler;
            what = Operand::Nameless;
        }
        Err(self.runtime_error("loop in settable"))
    }

    /// Sets a key without metamethods. Not every value can be one.
    pub(crate) fn set_checked(&mut self, table: u32, key: Value, value: Value) -> Result<(), Value> {
        match key {
            Value::Nil => return Err(self.runtime_error("table index is nil")),
            Value::Num(n) if n.is_nan() => return Err(self.runtime_error("table index is NaN")),
            _ => {}
        }
        self.heap.set(table, key, value);
        if self.in_native { Ok(()) } else { self.check_memory() }
    }

    /// A number, or a string that is one.
    pub(crate) fn to_number(&self, value: Value) -> Option<f64> {
        match value {
            Value::Num(n) => Some(n),
            Value::Str(id) => crate::number::parse_number(&self.heap.strings.get(id).bytes),
            _ => None,
        }
    }

    /// Arithmetic on what are not both numbers.
    #[cold]
    pub(super) fn arith_slow(
        &mut self,
        a: u8,
        x: (Value, Operand),
        y: (Value, Operand),
        name: Value,
        run: fn(f64, f64) -> f64,
    ) -> Result<(), Value> {
        if let (Some(m), Some(n)) = (self.to_number(x.0), self.to_number(y.0)) {
            let at = self.base() + usize::from(a);
            self.stack[at] = Value::Num(run(m, n));
            return Ok(());
        }
        let mut handler = self.metamethod(x.0, name);
        if handler.is_nil() {
            handler = self.metamethod(y.0, name);
        }
        if handler.is_nil() {
            return Err(self.arith_error(x, y));
        }
        self.from_lua = true;
        self.call_above(handler, &[x.0, y.0], Then::Store(a))
    }

    /// The metamethod that two values have in common.
    fn common_handler(&self, x: Value, y: Value, name: Value) -> Value {
        let (Some(mx), Some(my)) = (self.metatable(x), self.metatable(y)) else { return Value::Nil };
        let first = self.heap.get(mx, name);
        if first.is_nil() || mx == my {
            return first;
        }
        if self.heap.raw_equal(first, self.heap.get(my, name)) { first } else { Value::Nil }
    }

    /// Skips the next instruction unless `x == y` is what is wanted.
    pub(super) fn compare_equal(&mut self, x: Value, y: Value, want: bool) -> Result<(), Value> {
        let equal = self.heap.raw_equal(x, y);
        let special = matches!((x, y), (Value::Table(_), Value::Table(_)) | (Value::User(_), Value::User(_)));
        if !equal && special {
            let handler = self.common_handler(x, y, self.names.eq);
            if !handler.is_nil() {
                self.from_lua = true;
                return self.call_above(handler, &[x, y], Then::Test(want));
            }
        }
        self.skip_unless(equal == want);
        Ok(())
    }

    pub(super) fn skip_unless(&mut self, holds: bool) {
        if !holds {
            self.pc += 1;
        }
    }

    /// `x < y` without metamethods; `None` where that is not enough.
    pub(crate) fn raw_less(&self, x: Value, y: Value) -> Option<bool> {
        match (x, y) {
            (Value::Num(a), Value::Num(b)) => Some(a < b),
            (Value::Str(a), Value::Str(b)) => Some(self.heap.strings.get(a).bytes < self.heap.strings.get(b).bytes),
            _ => None,
        }
    }

    /// Skips the next instruction unless `x < y` is what is wanted.
    pub(super) fn compare_less(&mut self, x: Value, y: Value, want: bool) -> Result<(), Value> {
        if let Some(less) = self.raw_less(x, y) {
            self.skip_unless(less == want);
            return Ok(());
        }
        let handler = self.common_handler(x, y, self.names.lt);
        if handler.is_nil() {
            return Err(self.order_error(x, y));
        }
        self.from_lua = true;
        self.call_above(handler, &[x, y], Then::Test(want))
    }

    /// Skips the next instruction unless `x <= y` is what is wanted.
    pub(super) fn compare_less_equal(&mut self, x: Value, y: Value, want: bool) -> Result<(), Value> {
        let known = match (x, y) {
            (Value::Num(a), Value::Num(b)) => Some(a <= b),
            _ => self.raw_less(y, x).map(|less| !less),
        };
        if let Some(holds) = known {
            self.skip_unless(holds == want);
            return Ok(());
        }
        let handler = self.common_handler(x, y, self.names.le);
        self.from_lua = true;
        if !handler.is_nil() {
            return self.call_above(handler, &[x, y], Then::Test(want));
        }
        let handler = self.common_handler(x, y, self.names.lt);
        if handler.is_nil() {
            return Err(self.order_error(x, y));
        }
        self.call_above(handler, &[y, x], Then::Not(want))
    }
}
