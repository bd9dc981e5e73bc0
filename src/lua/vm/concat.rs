//! `..`

use super::Lua;
use super::errors::Operand;
use super::thread::Then;
use crate::number::push_number;
use crate::value::Value;

impl Lua {
    /// Adds a string's or a number's text.
    pub(crate) fn push_text(&self, out: &mut Vec<u8>, value: Value) -> bool {
        match value {
            Value::Str(id) => out.extend_from_slice(&self.heap.strings.get(id).bytes),
            Value::Num(n) => push_number(out, n),
            _ => return false,
        }
        true
    }

    /// Joins the values from register `b` to the place `last` into register `a`, from the right.
    pub(super) fn concat(&mut self, a: u8, b: u8, mut last: usize) -> Result<(), Value> {
        let base = self.base();
        let first = base + usize::from(b);
        let textual = |value: Value| matches!(value, Value::Str(_) | Value::Num(_));
        while last > first {
            let (x, y) = (self.stack[last - 1], self.stack[last]);
            if !textual(x) || !textual(y) {
                let mut handler = self.metamethod(x, self.names.concat);
                if handler.is_nil() {
                    handler = self.metamethod(y, self.names.concat);
                }
                if handler.is_nil() {
                    let (value, at) = if textual(x) { (y, last) } else { (x, last - 1) };
                    let operand = u8::try_from(at - base).map_or(Operand::Nameless, Operand::Register);
                    return Err(self.type_error("concatenate", value, operand));
                }
                self.from_lua = true;
                return self.call_above(handler, &[x, y], Then::Concat { a, b, last: last as u32 - 1 });
            }
            let mut from = last - 1;
            while from > first && textual(self.stack[from - 1]) {
                from -= 1;
            }
            let size = self.stack[from..=last].iter().filter_map(|v| self.heap.bytes_of(*v)).map(<[u8]>::len).sum();
            self.afford(size)?;
            let mut text = self.take_buffer();
            text.reserve(size);
            for at in from..=last {
                self.push_text(&mut text, self.stack[at]);
            }
            self.stack[from] = self.keep_buffer(text);
            last = from;
        }
        self.stack[base + usize::from(a)] = self.stack[first];
        Ok(())
    }
}
