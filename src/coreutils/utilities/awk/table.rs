//! Arrays. Their subscripts come out in the order that the real program's hash table gives them.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::memory::ELEMENT;
use super::value::Value;

/// An array.
#[derive(Default, Debug)]
pub struct Table {
    elements: BTreeMap<Rc<str>, Element>,
    clock: Cell<u64>,
}

#[derive(Debug)]
struct Element {
    value: Value,
    made: u64,
    used: u64,
}

impl Table {
    /// How many elements there are.
    pub fn len(&self) -> usize {
        self.elements.len()
    }

    /// Whether there is one.
    pub fn has(&self, subscript: &str) -> bool {
        self.elements.contains_key(subscript)
    }

    /// An element, made if there is none.
    pub fn element(&mut self, subscript: &Rc<str>) -> &mut Value {
        let now = self.clock.get() + 1;
        self.clock.set(now);
        let element =
            self.elements.entry(subscript.clone()).or_insert(Element { value: Value::Unset, made: now, used: now });
        element.used = now;
        &mut element.value
    }

    /// What it takes, in bytes.
    pub fn memory(&self) -> usize {
        self.elements.iter().map(|(name, element)| ELEMENT + name.len() + element.value.memory()).sum()
    }

    /// Takes one away.
    pub fn remove(&mut self, subscript: &str) {
        self.elements.remove(subscript);
    }

    /// Takes all away.
    pub fn clear(&mut self) {
        self.elements.clear();
    }

    /// All subscripts: mawk chains in 64 buckets (FNV-1a), what was used last in front; BusyBox in a prime number of
    /// them, what was made last in front.
    pub fn subscripts(&self, busybox: bool) -> Vec<Rc<str>> {
        let mut all: Vec<(u32, u64, &Rc<str>)> = Vec::with_capacity(self.elements.len());
        let prime = [61, 251, 1021, 4093, 16381].into_iter().find(|p| self.len() <= 10 * p).unwrap_or(16381) as u32;
        let mut mask = 63u32;
        while self.len() as u64 > 12 * (u64::from(mask) + 1) {
            mask = mask * 2 + 1;
        }
        for (name, element) in &self.elements {
            let bytes = machine::text::to_bytes(name);
            if busybox {
                let hash = bytes
                    .iter()
                    .fold(0u32, |h, b| u32::from(*b).wrapping_add(h.wrapping_shl(6)).wrapping_add(h.wrapping_shr(26)));
                all.push((hash % prime, u64::MAX - element.made, name));
            } else {
                let hash = bytes.iter().fold(2_166_136_261u32, |h, b| (h ^ u32::from(*b)).wrapping_mul(16_777_619));
                all.push((hash & mask, u64::MAX - element.used, name));
            }
        }
        all.sort_unstable();
        all.into_iter().map(|(_, _, name)| name.clone()).collect()
    }
}
