//! Values, and what the heap holds.

use crate::op::Proto;
use std::rc::Rc;

/// A value of the language. Collectable ones are places in the [`crate::heap::Heap`].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Value {
    /// `nil`
    #[default]
    Nil,
    /// A truth value.
    Bool(bool),
    /// A number.
    Num(f64),
    /// A string of bytes.
    Str(u32),
    /// A table.
    Table(u32),
    /// A function written in Lua.
    Func(u32),
    /// A function of the host; the place in the list of natives.
    Native(u32),
    /// A coroutine.
    Thread(u32),
    /// What `newproxy` makes.
    User(u32),
    /// A bare number that scripts can only compare; 0 is what JSON's `null` becomes.
    Light(u32),
}

impl Value {
    /// Whether it counts as true.
    pub fn truthy(self) -> bool {
        !matches!(self, Value::Nil | Value::Bool(false))
    }

    /// Whether it is `nil`.
    pub fn is_nil(self) -> bool {
        matches!(self, Value::Nil)
    }

    /// The name of its type, as `type` gives it.
    pub fn type_name(self) -> &'static str {
        match self {
            Value::Nil => "nil",
            Value::Bool(_) => "boolean",
            Value::Num(_) => "number",
            Value::Str(_) => "string",
            Value::Table(_) => "table",
            Value::Func(_) | Value::Native(_) => "function",
            Value::Thread(_) => "thread",
            Value::User(_) | Value::Light(_) => "userdata",
        }
    }
}

/// A string with its hash.
#[derive(Debug, Default)]
pub struct Str {
    /// Lua 5.1's hash: the order of `pairs` follows from it.
    pub hash: u32,
    /// The bytes.
    pub bytes: Box<[u8]>,
}

impl Str {
    /// A string.
    pub fn new(bytes: Box<[u8]>) -> Str {
        Str { hash: Str::hash_of(&bytes), bytes }
    }

    /// The hash of these bytes.
    pub fn hash_of(bytes: &[u8]) -> u32 {
        let mut hash = bytes.len() as u32;
        let step = (bytes.len() >> 5) + 1;
        let mut at = bytes.len();
        while at >= step {
            let byte = u32::from(bytes[at - 1]);
            hash ^= (hash << 5).wrapping_add(hash >> 2).wrapping_add(byte);
            at -= step;
        }
        hash
    }
}

/// A function written in Lua with the variables it closed over.
#[derive(Debug, Default)]
pub struct Closure {
    /// Its code.
    pub proto: Rc<Proto>,
    /// Places of its upvalues.
    pub upvals: Box<[u32]>,
    /// Its globals.
    pub env: u32,
}

/// A variable that functions share.
#[derive(Clone, Copy, Debug)]
pub enum Upval {
    /// Still on a coroutine's stack.
    Open {
        /// The coroutine.
        thread: u32,
        /// The place on its stack.
        at: u32,
    },
    /// On its own.
    Closed(Value),
}

impl Default for Upval {
    fn default() -> Upval {
        Upval::Closed(Value::Nil)
    }
}

/// What `newproxy` makes.
#[derive(Debug, Default)]
pub struct User {
    /// Its metatable.
    pub meta: Option<u32>,
}
