//! The libraries, and how native functions read arguments and give results.

mod base;
mod bit;
pub mod cjson;
mod cmsgpack;
mod coroutine;
mod format;
mod math;
mod pattern;
mod string;
mod structs;
mod table;

pub use base::describe;

use crate::value::Value;
use crate::vm::{Args, Lua, Native};

/// Registers everything.
pub fn open(lua: &mut Lua) {
    base::open(lua);
    string::open(lua);
    table::open(lua);
    math::open(lua);
    coroutine::open(lua);
    cjson::open(lua);
    cmsgpack::open(lua);
    structs::open(lua);
    bit::open(lua);
}

/// Parts of the library that call functions of scripts are written in Lua, so that these can be
/// stopped at any instruction.
const PRELUDE: &[u8] = include_bytes!("prelude.lua");

impl Lua {
    /// Puts functions into a table.
    pub(crate) fn register(&mut self, table: u32, functions: &[(&'static str, Native)]) {
        for (name, run) in functions {
            let function = self.native(*run, 0);
            self.set_field(table, name, function);
        }
    }

    /// A new global table with these functions.
    pub(crate) fn library(&mut self, name: &'static str, functions: &[(&'static str, Native)]) -> u32 {
        let table = self.heap.table(0, functions.len());
        self.register(table, functions);
        self.set_field(self.globals, name, Value::Table(table));
        table
    }

    /// Functions of the part that is written in Lua: the chunk gets natives and gives functions.
    pub(crate) fn prelude(&mut self, name: &str, natives: &[Value]) -> Value {
        let key = self.heap.string(name.as_bytes());
        let Ok(chunk) = self.load(PRELUDE, b"=[C]") else { return Value::Nil };
        let args: Vec<Value> = std::iter::once(key).chain(natives.iter().copied()).collect();
        self.start(chunk, &args);
        match self.run(10_000) {
            crate::vm::Outcome::Done(values) => values.first().copied().unwrap_or_default(),
            _ => Value::Nil,
        }
    }

    /// Sets a field of a table.
    pub fn set_field(&mut self, table: u32, name: &str, value: Value) {
        let key = self.heap.intern(name);
        self.heap.set(table, key, value);
    }

    /// A field of a table, without metamethods.
    pub fn field(&self, table: u32, name: &str) -> Value {
        self.heap.tables.get(table).get_named(name.as_bytes(), &self.heap.strings)
    }

    /// Adds a result.
    pub fn give(&mut self, value: Value) {
        self.ret.push(value);
    }

    /// Adds a string as a result.
    pub fn give_bytes(&mut self, bytes: &[u8]) {
        let value = self.heap.string(bytes);
        self.ret.push(value);
    }

    /// An empty buffer to build a result in; see [`Lua::give_buffer`].
    pub(crate) fn take_buffer(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.buffer)
    }

    /// Adds what is in a buffer as a result, if it is allowed.
    pub(crate) fn give_buffer(&mut self, text: Vec<u8>) -> Result<(), Value> {
        self.afford(text.len())?;
        let value = self.keep_buffer(text);
        self.ret.push(value);
        Ok(())
    }

    /// What is in a buffer, as a string. A small buffer is used again.
    pub(crate) fn keep_buffer(&mut self, mut text: Vec<u8>) -> Value {
        const KEPT: usize = 4096;
        if text.capacity() > KEPT {
            return self.heap.owned_string(text);
        }
        let value = self.heap.string(&text);
        text.clear();
        self.buffer = text;
        value
    }

    /// Adds the arguments from the one at `from` on (counted from 0) as results.
    pub fn give_args(&mut self, args: Args, from: usize) {
        if from < args.count {
            let range = args.place(from)..args.place(args.count);
            self.ret.extend_from_slice(&self.stack[range]);
        }
    }

    /// An argument, counted from 1; `nil` where there is none.
    pub fn arg(&self, args: Args, n: usize) -> Value {
        if n == 0 || n > args.count { Value::Nil } else { self.stack[args.place(n - 1)] }
    }

    fn wrong_type(&mut self, args: Args, n: usize, wanted: &str) -> Value {
        let got = if n > args.count { "no value" } else { self.arg(args, n).type_name() };
        self.argument_error(n, &format!("{wanted} expected, got {got}"))
    }

    /// Any argument.
    pub fn check_any(&mut self, args: Args, n: usize) -> Result<Value, Value> {
        if n > args.count { Err(self.argument_error(n, "value expected")) } else { Ok(self.arg(args, n)) }
    }

    /// A number.
    pub fn check_number(&mut self, args: Args, n: usize) -> Result<f64, Value> {
        match self.to_number(self.arg(args, n)) {
            Some(number) => Ok(number),
            None => Err(self.wrong_type(args, n, "number")),
        }
    }

    /// A whole number; what is behind the point is cut off.
    pub fn check_int(&mut self, args: Args, n: usize) -> Result<i64, Value> {
        Ok(self.check_number(args, n)? as i64)
    }

    /// A whole number that may be missing.
    pub fn opt_int(&mut self, args: Args, n: usize, default: i64) -> Result<i64, Value> {
        if self.arg(args, n).is_nil() { Ok(default) } else { self.check_int(args, n) }
    }

    /// A string; numbers count. Its place in the heap.
    pub(crate) fn check_string(&mut self, args: Args, n: usize) -> Result<u32, Value> {
        match self.arg(args, n) {
            Value::Str(id) => Ok(id),
            Value::Num(number) => match self.heap.string(crate::number::show_number(number).as_bytes()) {
                Value::Str(id) => Ok(id),
                _ => Ok(u32::MAX),
            },
            _ => Err(self.wrong_type(args, n, "string")),
        }
    }

    /// A string's bytes; numbers count.
    pub fn check_bytes(&mut self, args: Args, n: usize) -> Result<Vec<u8>, Value> {
        let id = self.check_string(args, n)?;
        Ok(self.heap.strings.get(id).bytes.to_vec())
    }

    /// A table.
    pub fn check_table(&mut self, args: Args, n: usize) -> Result<u32, Value> {
        match self.arg(args, n) {
            Value::Table(id) => Ok(id),
            _ => Err(self.wrong_type(args, n, "table")),
        }
    }

    /// A function.
    pub(crate) fn check_function(&mut self, args: Args, n: usize) -> Result<Value, Value> {
        match self.arg(args, n) {
            function @ (Value::Func(_) | Value::Native(_)) => Ok(function),
            _ => Err(self.wrong_type(args, n, "function")),
        }
    }

    /// A table that may be changed.
    pub(crate) fn check_writable(&mut self, table: u32) -> Result<(), Value> {
        if self.heap.tables.get(table).readonly {
            return Err(self.runtime_error("Attempt to modify a readonly table"));
        }
        Ok(())
    }
}

impl Args {
    fn place(self, n: usize) -> usize {
        self.base + n
    }
}
