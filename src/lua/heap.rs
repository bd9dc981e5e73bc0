//! Memory: everything that scripts make, in slabs, with a collector that marks and sweeps.

use crate::op::Proto;
use crate::table::Table;
use crate::value::{Closure, Str, Upval, User, Value};
use crate::vm::thread::Thread;
use std::collections::BTreeMap;

#[derive(Debug, Default)]
struct Slot<T> {
    item: T,
    marked: bool,
    live: bool,
}

/// Objects of one kind, each at a place that stays.
#[derive(Debug)]
pub struct Slab<T> {
    slots: Vec<Slot<T>>,
    free: Vec<u32>,
    none: T,
}

impl<T: Default> Default for Slab<T> {
    fn default() -> Slab<T> {
        Slab { slots: Vec::new(), free: Vec::new(), none: T::default() }
    }
}

impl<T: Default> Slab<T> {
    /// An object; an empty one where there is none.
    #[inline]
    pub fn get(&self, id: u32) -> &T {
        self.slots.get(id as usize).map_or(&self.none, |s| &s.item)
    }

    /// An object, to be changed.
    #[inline]
    pub fn get_mut(&mut self, id: u32) -> &mut T {
        self.slots.get_mut(id as usize).map_or(&mut self.none, |s| &mut s.item)
    }

    /// Keeps an object.
    pub fn add(&mut self, item: T) -> u32 {
        let slot = Slot { item, marked: false, live: true };
        match self.free.pop() {
            Some(id) => {
                if let Some(place) = self.slots.get_mut(id as usize) {
                    *place = slot;
                }
                id
            }
            None => {
                self.slots.push(slot);
                (self.slots.len() - 1) as u32
            }
        }
    }

    /// Marks an object. True if it was not yet.
    fn mark(&mut self, id: u32) -> bool {
        let Some(slot) = self.slots.get_mut(id as usize) else { return false };
        !std::mem::replace(&mut slot.marked, true)
    }

    fn is_marked(&self, id: u32) -> bool {
        self.slots.get(id as usize).is_none_or(|s| s.marked)
    }

    /// Frees what is not marked; the bytes that remain.
    fn sweep(&mut self, size: impl Fn(&T) -> usize) -> usize {
        let mut bytes = 0;
        for (id, slot) in self.slots.iter_mut().enumerate().filter(|(_, s)| s.live) {
            if std::mem::take(&mut slot.marked) {
                bytes += size(&slot.item);
            } else {
                *slot = Slot::default();
                self.free.push(id as u32);
            }
        }
        bytes
    }
}

/// All memory.
#[derive(Debug, Default)]
pub struct Heap {
    /// Strings.
    pub strings: Slab<Str>,
    /// Tables.
    pub tables: Slab<Table>,
    /// Functions.
    pub closures: Slab<Closure>,
    /// Shared variables.
    pub upvals: Slab<Upval>,
    /// Coroutines.
    pub threads: Slab<Thread>,
    /// Proxies.
    pub users: Slab<User>,
    /// Bytes in use, as far as is known since the last collection.
    pub bytes: usize,
    /// When to collect.
    pub threshold: usize,
    /// Names that the host and the libraries use. They stay.
    interned: BTreeMap<Box<[u8]>, u32>,
    gray: Vec<Value>,
    weak: Vec<(u32, bool, bool)>,
    epoch: u32,
}

/// What an interned name takes beside its string and its bytes.
const INTERNED_SIZE: usize = 48;
/// No collection below this many bytes.
const MIN_THRESHOLD: usize = 64 << 10;

impl Heap {
    /// Nothing yet.
    pub fn new() -> Heap {
        Heap { threshold: MIN_THRESHOLD, ..Heap::default() }
    }

    /// A new string.
    pub fn string(&mut self, bytes: &[u8]) -> Value {
        self.owned_string(bytes.to_vec())
    }

    /// A new string.
    pub fn owned_string(&mut self, bytes: Vec<u8>) -> Value {
        self.bytes += bytes.len() + 48;
        Value::Str(self.strings.add(Str::new(bytes.into_boxed_slice())))
    }

    /// The string of a name that the host or a library uses: always the same. Scripts must not choose such names.
    pub fn intern(&mut self, name: &str) -> Value {
        if let Some(known) = self.interned(name.as_bytes()) {
            return known;
        }
        let value = self.string(name.as_bytes());
        if let Value::Str(id) = value {
            self.interned.insert(name.as_bytes().into(), id);
            self.bytes += name.len() + INTERNED_SIZE;
        }
        value
    }

    /// The string of such a name, if it is one.
    pub fn interned(&self, name: &[u8]) -> Option<Value> {
        self.interned.get(name).map(|id| Value::Str(*id))
    }

    /// A new table.
    pub fn table(&mut self, array: usize, hash: usize) -> u32 {
        let table = Table::with_room(array, hash, &self.strings);
        self.bytes += table.size();
        self.tables.add(table)
    }

    /// A string's bytes; none if it is something else.
    pub fn bytes_of(&self, value: Value) -> Option<&[u8]> {
        match value {
            Value::Str(id) => Some(&self.strings.get(id).bytes),
            _ => None,
        }
    }

    /// Sets a key of a table, without metamethods. The key must be neither `nil` nor NaN.
    pub fn set(&mut self, table: u32, key: Value, value: Value) {
        let entry = self.tables.get_mut(table);
        if entry.replace(key, value, &self.strings) {
            return;
        }
        if value.is_nil() {
            return;
        }
        let before = entry.size();
        entry.insert(key, value, &self.strings);
        self.bytes += entry.size().saturating_sub(before);
    }

    /// A key's value, without metamethods.
    #[inline]
    pub fn get(&self, table: u32, key: Value) -> Value {
        self.tables.get(table).get(key, &self.strings)
    }

    /// Whether two values are equal without metamethods.
    pub fn raw_equal(&self, a: Value, b: Value) -> bool {
        match (a, b) {
            (Value::Str(a), Value::Str(b)) => a == b || crate::table::equal_strings(a, b, &self.strings),
            (a, b) => a == b,
        }
    }

    /// Frees everything that cannot be reached from `roots`. `weak_key` is the string `__mode`.
    pub fn collect(&mut self, roots: &[Value], closures: &[u32], weak_key: Value) {
        self.epoch = self.epoch.wrapping_add(1);
        for root in roots {
            self.mark(*root);
        }
        for id in closures {
            self.mark(Value::Func(*id));
        }
        for id in self.interned.values() {
            self.strings.mark(*id);
        }
        while let Some(value) = self.gray.pop() {
            self.trace(value, weak_key);
        }
        self.clear_weak();
        let mut bytes = self.strings.sweep(|s| s.bytes.len() + 48);
        bytes += self.tables.sweep(Table::size);
        bytes += self.closures.sweep(|c| 64 + c.upvals.len() * 4);
        bytes += self.upvals.sweep(|_| 40);
        bytes += self.threads.sweep(Thread::size);
        bytes += self.users.sweep(|_| 16);
        bytes += self.interned.keys().map(|name| name.len() + INTERNED_SIZE).sum::<usize>();
        self.bytes = bytes;
        self.threshold = (bytes * 2).max(MIN_THRESHOLD);
    }

    fn mark(&mut self, value: Value) {
        let new = match value {
            Value::Str(id) => {
                self.strings.mark(id);
                false
            }
            Value::Table(id) => self.tables.mark(id),
            Value::Func(id) => self.closures.mark(id),
            Value::Thread(id) => self.threads.mark(id),
            Value::User(id) => self.users.mark(id),
            _ => false,
        };
        if new {
            self.gray.push(value);
        }
    }

    fn trace(&mut self, value: Value, weak_key: Value) {
        match value {
            Value::Table(id) => self.trace_table(id, weak_key),
            Value::Func(id) => {
                let closure = std::mem::take(self.closures.get_mut(id));
                self.mark(Value::Table(closure.env));
                self.trace_proto(&closure.proto);
                for upval in &closure.upvals {
                    self.upvals.mark(*upval);
                    match *self.upvals.get(*upval) {
                        Upval::Closed(value) => self.mark(value),
                        Upval::Open { thread, .. } => self.mark(Value::Thread(thread)),
                    }
                }
                *self.closures.get_mut(id) = closure;
            }
            Value::Thread(id) => {
                let thread = std::mem::take(self.threads.get_mut(id));
                thread.each(|value| self.mark(value));
                *self.threads.get_mut(id) = thread;
            }
            Value::User(id) => {
                if let Some(meta) = self.users.get(id).meta {
                    self.mark(Value::Table(meta));
                }
            }
            _ => {}
        }
    }

    fn trace_table(&mut self, id: u32, weak_key: Value) {
        let table = std::mem::take(self.tables.get_mut(id));
        let (mut weak_keys, mut weak_values) = (false, false);
        if let Some(meta) = table.meta {
            self.mark(Value::Table(meta));
            if meta != id
                && let Some(mode) = self.bytes_of(self.get(meta, weak_key))
            {
                weak_keys = mode.contains(&b'k');
                weak_values = mode.contains(&b'v');
            }
        }
        table.each(|value| self.mark(value), !weak_keys, !weak_values);
        *self.tables.get_mut(id) = table;
        if weak_keys || weak_values {
            self.weak.push((id, weak_keys, weak_values));
        }
    }

    fn trace_proto(&mut self, proto: &Proto) {
        if proto.seen.replace(self.epoch) == self.epoch {
            return;
        }
        for constant in &proto.constants {
            self.mark(*constant);
        }
        for inner in &proto.protos {
            self.trace_proto(inner);
        }
    }

    fn clear_weak(&mut self) {
        for (id, _, _) in std::mem::take(&mut self.weak) {
            let mut table = std::mem::take(self.tables.get_mut(id));
            table.clear_dead(|value| match value {
                Value::Table(t) => t != id && !self.tables.is_marked(t),
                Value::Func(f) => !self.closures.is_marked(f),
                Value::Thread(t) => !self.threads.is_marked(t),
                Value::User(u) => !self.users.is_marked(u),
                _ => false,
            });
            *self.tables.get_mut(id) = table;
        }
    }
}
