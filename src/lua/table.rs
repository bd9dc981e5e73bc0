//! Tables: an array and a hash part, laid out and grown as Lua 5.1 does it, since scripts can see
//! the order of `pairs` and the borders that `#` finds.

use crate::heap::Slab;
use crate::value::{Str, Value};

/// An entry of the hash part.
#[derive(Clone, Copy, Debug, Default)]
struct Node {
    key: Value,
    value: Value,
    /// The next entry of the chain; negative for none.
    next: i32,
}

/// A table.
#[derive(Debug, Default)]
pub struct Table {
    array: Vec<Value>,
    /// As many as a power of two, or none.
    nodes: Vec<Node>,
    /// All places from here on are taken.
    last_free: usize,
    /// Metatable.
    pub meta: Option<u32>,
    /// Refuses every change.
    pub readonly: bool,
}

/// The largest array part is two to this power.
const MAX_BITS: usize = 26;

/// A whole number from one on, below 2³².
#[inline]
fn as_index(n: f64) -> Option<usize> {
    // Behind the point of a number as large as that nothing remains: its last 32 bits are the whole number.
    const WHOLE: f64 = (1u64 << 52) as f64;
    let k = (n + WHOLE).to_bits() as u32;
    if f64::from(k) == n && k >= 1 { Some(k as usize) } else { None }
}

/// ⌈log2 n⌉
fn ceil_log2(n: usize) -> usize {
    if n <= 1 { 0 } else { (usize::BITS - (n - 1).leading_zeros()) as usize }
}

impl Table {
    /// Bytes it takes.
    pub fn size(&self) -> usize {
        96 + self.array.capacity() * size_of::<Value>() + self.nodes.capacity() * size_of::<Node>()
    }

    /// A table with room.
    pub fn with_room(array: usize, hash: usize, strings: &Slab<Str>) -> Table {
        let mut table = Table::default();
        if array > 0 || hash > 0 {
            table.resize(array, hash, strings);
        }
        table
    }

    fn main_position(&self, key: Value, strings: &Slab<Str>) -> usize {
        let size = self.nodes.len();
        let modulo = |h: u32| h as usize % (size.saturating_sub(1) | 1);
        match key {
            Value::Num(0.0) | Value::Nil => 0,
            Value::Num(n) => {
                let bits = n.to_bits();
                modulo((bits as u32).wrapping_add((bits >> 32) as u32))
            }
            Value::Str(id) => strings.get(id).hash as usize & (size - 1),
            Value::Bool(b) => usize::from(b) & (size - 1),
            Value::Table(id) => modulo(id.wrapping_mul(8)),
            Value::Func(id) => modulo(id.wrapping_mul(8).wrapping_add(1)),
            Value::Native(id) => modulo(id.wrapping_mul(8).wrapping_add(2)),
            Value::Thread(id) => modulo(id.wrapping_mul(8).wrapping_add(3)),
            Value::User(id) => modulo(id.wrapping_mul(8).wrapping_add(4)),
            Value::Light(id) => modulo(id.wrapping_mul(8).wrapping_add(5)),
        }
    }

    fn find(&self, key: Value, strings: &Slab<Str>) -> Option<usize> {
        // Empty nodes have the key nil: it is never one of theirs.
        if self.nodes.is_empty() || key.is_nil() {
            return None;
        }
        let mut at = self.main_position(key, strings);
        loop {
            let node = self.nodes.get(at)?;
            let same = match (node.key, key) {
                (Value::Str(a), Value::Str(b)) => a == b || equal_strings(a, b, strings),
                (a, b) => a == b,
            };
            if same {
                return Some(at);
            }
            at = usize::try_from(node.next).ok()?;
        }
    }

    /// The value of the key that is a string of these bytes.
    pub fn get_named(&self, name: &[u8], strings: &Slab<Str>) -> Value {
        let hash = Str::hash_of(name);
        let mut at = hash as usize & self.nodes.len().saturating_sub(1);
        while let Some(node) = self.nodes.get(at) {
            if let Value::Str(id) = node.key
                && strings.get(id).hash == hash
                && *strings.get(id).bytes == *name
            {
                return node.value;
            }
            match usize::try_from(node.next) {
                Ok(next) => at = next,
                Err(_) => break,
            }
        }
        Value::Nil
    }

    /// The value of a key.
    pub fn get(&self, key: Value, strings: &Slab<Str>) -> Value {
        if let Value::Num(n) = key
            && let Some(k) = as_index(n)
            && let Some(value) = self.array.get(k - 1)
        {
            return *value;
        }
        self.find(key, strings).map_or(Value::Nil, |at| self.nodes[at].value)
    }

    /// The value of a whole number.
    pub fn get_index(&self, k: usize, strings: &Slab<Str>) -> Value {
        match self.array.get(k.wrapping_sub(1)) {
            Some(value) => *value,
            None => self.find(Value::Num(k as f64), strings).map_or(Value::Nil, |at| self.nodes[at].value),
        }
    }

    /// Changes the value of a key that is there. False if it is not.
    pub fn replace(&mut self, key: Value, value: Value, strings: &Slab<Str>) -> bool {
        if let Value::Num(n) = key
            && let Some(k) = as_index(n)
            && let Some(slot) = self.array.get_mut(k - 1)
        {
            *slot = value;
            return true;
        }
        match self.find(key, strings) {
            Some(at) => {
                self.nodes[at].value = value;
                true
            }
            None => false,
        }
    }

    /// Sets a key, which must be neither `nil` nor NaN.
    pub fn set(&mut self, key: Value, value: Value, strings: &Slab<Str>) {
        if !self.replace(key, value, strings) && !value.is_nil() {
            self.insert(key, value, strings);
        }
    }

    /// Sets a key that is not there.
    pub fn insert(&mut self, key: Value, value: Value, strings: &Slab<Str>) {
        if self.nodes.is_empty() {
            self.rehash(key, strings);
            self.set(key, value, strings);
            return;
        }
        let mut place = self.main_position(key, strings);
        if !self.nodes[place].value.is_nil() {
            let Some(free) = self.free_place() else {
                self.rehash(key, strings);
                self.set(key, value, strings);
                return;
            };
            let mut other = self.main_position(self.nodes[place].key, strings);
            if other == place {
                // The one there belongs there: the new one goes to the free place, behind it.
                self.nodes[free].next = self.nodes[place].next;
                self.nodes[place].next = free as i32;
                place = free;
            } else {
                // The one there is only a guest: it moves.
                while self.nodes[other].next != place as i32 {
                    other = self.nodes[other].next as usize;
                }
                self.nodes[other].next = free as i32;
                self.nodes[free] = self.nodes[place];
                self.nodes[place].next = -1;
            }
        }
        self.nodes[place].key = key;
        self.nodes[place].value = value;
    }

    fn free_place(&mut self) -> Option<usize> {
        while self.last_free > 0 {
            self.last_free -= 1;
            if self.nodes[self.last_free].key.is_nil() {
                return Some(self.last_free);
            }
        }
        None
    }

    /// Finds new sizes for both parts so that the array is more than half full, with room for `key`.
    fn rehash(&mut self, key: Value, strings: &Slab<Str>) {
        let mut counts = [0usize; MAX_BITS + 1];
        let mut integers = 0;
        let mut note = |key: Value| -> usize {
            let Value::Num(n) = key else { return 0 };
            match as_index(n).filter(|k| *k <= 1 << MAX_BITS) {
                Some(k) => {
                    counts[ceil_log2(k)] += 1;
                    1
                }
                None => 0,
            }
        };
        let mut total = 1;
        for (n, value) in self.array.iter().enumerate() {
            if !value.is_nil() {
                integers += note(Value::Num((n + 1) as f64));
                total += 1;
            }
        }
        for node in &self.nodes {
            if !node.value.is_nil() {
                integers += note(node.key);
                total += 1;
            }
        }
        integers += note(key);
        let (mut below, mut used, mut best) = (0, 0, 0);
        for (bit, count) in counts.iter().enumerate() {
            let size = 1usize << bit;
            if size / 2 >= integers {
                break;
            }
            below += count;
            if below > size / 2 {
                best = size;
                used = below;
            }
            if below == integers {
                break;
            }
        }
        self.resize(best, total - used, strings);
    }

    fn resize(&mut self, array: usize, hash: usize, strings: &Slab<Str>) {
        let vanishing: Vec<Value> = if array < self.array.len() { self.array.split_off(array) } else { Vec::new() };
        if array > self.array.len() {
            self.array.reserve_exact(array - self.array.len());
            self.array.resize(array, Value::Nil);
        }
        let size = if hash == 0 { 0 } else { 1usize << ceil_log2(hash) };
        let empty = Node { next: -1, ..Node::default() };
        let old = std::mem::replace(&mut self.nodes, vec![empty; size]);
        self.last_free = size;
        for (n, value) in vanishing.into_iter().enumerate() {
            if !value.is_nil() {
                self.set(Value::Num((array + n + 1) as f64), value, strings);
            }
        }
        for node in old.into_iter().rev() {
            if !node.value.is_nil() {
                self.set(node.key, node.value, strings);
            }
        }
    }

    /// Makes room for an array of that length.
    pub fn reserve_array(&mut self, array: usize, strings: &Slab<Str>) {
        if array > self.array.len() {
            let hash = self.nodes.len();
            self.resize(array, hash, strings);
        }
    }

    /// A border, as `#` gives it.
    pub fn len(&self, strings: &Slab<Str>) -> usize {
        let mut high = self.array.len();
        if high > 0 && self.array[high - 1].is_nil() {
            let mut low = 0;
            while high - low > 1 {
                let middle = (low + high) / 2;
                if self.array[middle - 1].is_nil() { high = middle } else { low = middle }
            }
            return low;
        }
        if self.nodes.is_empty() {
            return high;
        }
        let mut low = high;
        high += 1;
        while !self.get_index(high, strings).is_nil() {
            low = high;
            high *= 2;
            if high > i32::MAX as usize {
                return (1..).find(|n| self.get_index(*n, strings).is_nil()).map_or(0, |n| n - 1);
            }
        }
        while high - low > 1 {
            let middle = (low + high) / 2;
            if self.get_index(middle, strings).is_nil() { high = middle } else { low = middle }
        }
        low
    }

    /// The entry after `key` (the first after `nil`); `Err` if there is no such key.
    pub fn next(&self, key: Value, strings: &Slab<Str>) -> Result<Option<(Value, Value)>, ()> {
        let mut at = match key {
            Value::Nil => 0,
            Value::Num(n) if as_index(n).is_some_and(|k| k <= self.array.len()) => n as usize,
            _ => self.find(key, strings).ok_or(())? + 1 + self.array.len(),
        };
        while let Some(value) = self.array.get(at) {
            at += 1;
            if !value.is_nil() {
                return Ok(Some((Value::Num(at as f64), *value)));
            }
        }
        let nodes = self.nodes.iter().skip(at - self.array.len());
        Ok(nodes.into_iter().find(|n| !n.value.is_nil()).map(|n| (n.key, n.value)))
    }

    /// All values that it holds, for the collector. Keys stay until the next rehash, that `next` can go on from them.
    pub fn each(&self, mut see: impl FnMut(Value), keys: bool, values: bool) {
        if values {
            self.array.iter().for_each(|v| see(*v));
        }
        for node in &self.nodes {
            if keys || !is_object(node.key) {
                see(node.key);
            }
            if values || !is_object(node.value) {
                see(node.value);
            }
        }
        if !values {
            self.array.iter().filter(|v| !is_object(**v)).for_each(|v| see(*v));
        }
    }

    /// Drops entries of a weak table whose key or value is gone.
    pub fn clear_dead(&mut self, dead: impl Fn(Value) -> bool) {
        for slot in self.array.iter_mut().filter(|v| dead(**v)) {
            *slot = Value::Nil;
        }
        for node in self.nodes.iter_mut().filter(|n| dead(n.key) || dead(n.value)) {
            node.value = Value::Nil;
            if dead(node.key) {
                node.key = Value::Light(u32::MAX);
            }
        }
    }
}

/// Whether a weak table lets go of it.
fn is_object(value: Value) -> bool {
    matches!(value, Value::Table(_) | Value::Func(_) | Value::Thread(_) | Value::User(_))
}

/// Whether two strings hold the same bytes.
pub fn equal_strings(a: u32, b: u32, strings: &Slab<Str>) -> bool {
    let (a, b) = (strings.get(a), strings.get(b));
    a.hash == b.hash && a.bytes == b.bytes
}
