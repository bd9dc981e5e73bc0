//! What a host does with values.

use crate::value::Value;
use crate::vm::Lua;

impl Lua {
    /// A new string.
    pub fn string(&mut self, bytes: &[u8]) -> Value {
        self.heap.string(bytes)
    }

    /// A string's bytes.
    pub fn bytes(&self, value: Value) -> Option<&[u8]> {
        self.heap.bytes_of(value)
    }

    /// The bytes of a string, or of a number's text.
    pub fn text_of(&self, value: Value) -> Option<Vec<u8>> {
        let mut text = Vec::new();
        self.push_text(&mut text, value).then_some(text)
    }

    /// What `tostring` gives without metamethods.
    pub fn describe(&self, value: Value) -> Vec<u8> {
        self.text_of(value).unwrap_or_else(|| crate::library::describe(value).into_bytes())
    }

    /// A number, or a string that is one.
    pub fn number(&self, value: Value) -> Option<f64> {
        self.to_number(value)
    }

    /// A new table with room for items and keys.
    pub fn table(&mut self, items: usize, keys: usize) -> u32 {
        self.heap.table(items, keys)
    }

    /// A new array.
    pub fn array(&mut self, items: &[Value]) -> Value {
        let table = self.heap.table(items.len(), 0);
        for (n, item) in items.iter().enumerate() {
            self.heap.set(table, Value::Num((n + 1) as f64), *item);
        }
        Value::Table(table)
    }

    /// Sets a key, whatever the table says about changes. A key that cannot be one is ignored.
    pub fn set(&mut self, table: u32, key: Value, value: Value) {
        match key {
            Value::Nil => {}
            Value::Num(n) if n.is_nan() => {}
            key => self.heap.set(table, key, value),
        }
    }

    /// An item of an array, counted from 1.
    pub fn item(&self, table: u32, n: usize) -> Value {
        self.heap.tables.get(table).get_index(n, &self.heap.strings)
    }

    /// The entry after a key, the first after `nil`.
    pub fn next(&self, table: u32, key: Value) -> Option<(Value, Value)> {
        self.heap.tables.get(table).next(key, &self.heap.strings).ok().flatten()
    }

    /// A field of a table without metamethods, if it exists.
    pub fn get_field(&self, table: u32, name: &str) -> Value {
        self.field(table, name)
    }

    /// The table of globals that new chunks get.
    pub fn globals(&self) -> u32 {
        self.globals
    }

    /// From now on new chunks get these globals.
    pub fn set_globals(&mut self, table: u32) {
        self.globals = table;
    }

    /// A global variable.
    pub fn set_global(&mut self, name: &str, value: Value) {
        self.set_field(self.globals, name, value);
    }

    /// Gives a table a metatable.
    pub fn set_metatable(&mut self, table: u32, meta: Option<u32>) {
        self.heap.tables.get_mut(table).meta = meta;
    }

    /// Lets a table refuse changes, or accept them.
    pub fn set_readonly(&mut self, table: u32, readonly: bool) {
        self.heap.tables.get_mut(table).readonly = readonly;
    }

    /// Lets a table and all that can be reached from it, metatables too, refuse changes.
    pub fn protect(&mut self, table: u32) {
        let mut todo = vec![table];
        while let Some(table) = todo.pop() {
            let entry = self.heap.tables.get_mut(table);
            if std::mem::replace(&mut entry.readonly, true) {
                continue;
            }
            todo.extend(entry.meta);
            let mut key = Value::Nil;
            while let Some((next, value)) = self.next(table, key) {
                if let Value::Table(inner) = value {
                    todo.push(inner);
                }
                key = next;
            }
        }
    }

    /// The metatable of all strings.
    pub fn string_metatable(&self) -> Option<u32> {
        self.string_meta
    }

    /// An error raised by a native function, with the place where it was called.
    pub fn error_at_caller(&mut self, text: &[u8]) -> Value {
        self.native_error_bytes(text)
    }
}
