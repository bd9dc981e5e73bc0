//! Variables as arithmetic and assignments see them: names with subscripts.

use super::arith::{self, ArithEnv};
use crate::shell::Shell;
use crate::vars::{Value, from_end};

/// Bytes that one variable may hold: a loop of `x=$x$x` must not take the page's memory.
pub(super) const MAX_VALUE: usize = 32 << 20;

impl ArithEnv for Shell {
    fn value(&mut self, name: &str, index: Option<&str>) -> Result<String, String> {
        let text = match index {
            None => self.lookup_text(name),
            Some(index) => self.element(name, index)?,
        };
        match text {
            Some(text) => Ok(text),
            None if self.settings.is_set("nounset") => Err(format!("{name}: unbound variable")),
            None => Ok(String::new()),
        }
    }

    fn assign(&mut self, name: &str, index: Option<&str>, value: i64) -> Result<(), String> {
        self.assign_text(name, index, value.to_string())
    }
}

impl Shell {
    /// An element by its subscript's text: a key of an associative array, else an expression.
    pub fn element(&mut self, name: &str, index: &str) -> Result<Option<String>, String> {
        if matches!(self.vars.get(name).map(|var| &var.value), Some(Value::Assoc(_))) {
            let Some(Value::Assoc(items)) = self.vars.get(name).map(|var| &var.value) else { return Ok(None) };
            return Ok(items.get(index).cloned());
        }
        let number = arith::evaluate(index, self)?;
        if let Some(values) = self.dynamic_array(name) {
            return Ok(usize::try_from(number).ok().and_then(|i| values.get(i).cloned()));
        }
        match self.vars.get(name).map(|var| &var.value) {
            Some(Value::Indexed(items)) => match from_end(number, items) {
                Some(at) => Ok(items.get(&at).cloned()),
                None => Err(format!("{name}: bad array subscript")),
            },
            Some(Value::Scalar(text)) if number == 0 || number == -1 => Ok(Some(text.clone())),
            None if number == 0 => Ok(self.lookup_text(name)),
            _ => Ok(None),
        }
    }

    /// Assigns text to a variable or element; `declare -i` evaluates it.
    pub fn assign_text(&mut self, name: &str, index: Option<&str>, text: String) -> Result<(), String> {
        if text.len() > MAX_VALUE {
            return Err(format!("xrealloc: cannot allocate {} bytes", text.len()));
        }
        let integer = self.vars.get(name).is_some_and(|var| var.integer);
        let text = if integer { arith::evaluate(&text, self)?.to_string() } else { text };
        let result = match index {
            None => {
                self.assigned_special(name, &text);
                self.vars.set(name, text)
            }
            Some(key) if matches!(self.vars.get(name).map(|var| &var.value), Some(Value::Assoc(_))) => {
                self.vars.set_key(name, key, text)
            }
            Some(index) => {
                let number = arith::evaluate(index, self)?;
                self.vars.set_index(name, number, text)
            }
        };
        result.map_err(|error| error.to_string())?;
        if self.settings.is_set("allexport") {
            self.vars.entry(name).exported = true;
        }
        Ok(())
    }

    /// Some variables do something when they are set.
    fn assigned_special(&mut self, name: &str, text: &str) {
        match name {
            "RANDOM" => self.random = text.parse::<i64>().unwrap_or(0) as u32,
            "SECONDS" => {
                let back = text.parse::<u64>().unwrap_or(0).saturating_mul(1_000_000_000);
                self.seconds_from = machine::Instant(self.sys.now().0.wrapping_sub(back));
            }
            "PATH" => self.hash.clear(),
            "OPTIND" => self.getopts_at = 0,
            _ => {}
        }
    }
}
