//! What a running program keeps, told to the machine.

use super::value::Value;
use super::vm::{Halt, Run, Slot, Vm};

/// What an element of an array takes besides its texts, in bytes.
pub const ELEMENT: usize = 112;

impl Value {
    /// What it takes besides its own place, in bytes.
    pub fn memory(&self) -> usize {
        match self {
            Value::Text(text) | Value::Numeric(text, _) => text.len(),
            Value::Unset | Value::Number(_) => 0,
        }
    }
}

impl Vm<'_> {
    /// Measures the arrays where they may have grown much. Past what the machine has nothing comes after it.
    pub(super) fn tell_memory(&mut self) -> Run {
        if !self.meter.is_due() {
            return Ok(());
        }
        let locals = self.frames.iter().flat_map(|frame| &frame.locals);
        let bytes: usize = self
            .globals
            .iter()
            .chain(locals)
            .map(|slot| match slot {
                Slot::Value(value) => value.memory(),
                Slot::Array(table) | Slot::Either(table) => table.borrow().memory(),
            })
            .sum();
        self.meter.measured(bytes as u64);
        self.cx.sys.set_memory(bytes as u64).map_err(|_| Halt::Fatal("out of memory".into()))
    }
}
