//! Variables: values, attributes, dynamic scopes.

use std::collections::BTreeMap;

use machine::sys::memory::MemoryMeter;

/// A variable's value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Declared, but without a value.
    Unset,
    /// A string.
    Scalar(String),
    /// An indexed array.
    Indexed(BTreeMap<i64, String>),
    /// An associative array.
    Assoc(BTreeMap<String, String>),
}

/// A variable.
#[derive(Clone, Debug, PartialEq)]
pub struct Var {
    /// Its value.
    pub value: Value,
    /// `export`
    pub exported: bool,
    /// `readonly`
    pub readonly: bool,
    /// `declare -i`
    pub integer: bool,
    /// `declare -l`
    pub lower: bool,
    /// `declare -u`
    pub upper: bool,
    /// `declare -n`
    pub nameref: bool,
}

impl Default for Var {
    fn default() -> Var {
        Var {
            value: Value::Unset,
            exported: false,
            readonly: false,
            integer: false,
            lower: false,
            upper: false,
            nameref: false,
        }
    }
}

impl Var {
    /// The letters of its attributes, as `declare -p` shows them.
    pub fn flags(&self) -> String {
        let mut flags = String::new();
        let kinds = [
            (matches!(self.value, Value::Indexed(_)), 'a'),
            (matches!(self.value, Value::Assoc(_)), 'A'),
            (self.integer, 'i'),
            (self.nameref, 'n'),
            (self.readonly, 'r'),
            (self.exported, 'x'),
            (self.lower, 'l'),
            (self.upper, 'u'),
        ];
        flags.extend(kinds.iter().filter(|(on, _)| *on).map(|(_, flag)| flag));
        flags
    }

    /// The value as a string: of an array, its element 0.
    pub fn scalar(&self) -> Option<&str> {
        match &self.value {
            Value::Unset => None,
            Value::Scalar(text) => Some(text),
            Value::Indexed(items) => items.get(&0).map(String::as_str),
            Value::Assoc(items) => items.get("0").map(String::as_str),
        }
    }

    /// All values, in bash's order.
    pub fn values(&self) -> Vec<String> {
        match &self.value {
            Value::Unset => Vec::new(),
            Value::Scalar(text) => vec![text.clone()],
            Value::Indexed(items) => items.values().cloned().collect(),
            Value::Assoc(items) => assoc_order(items).into_iter().map(|(_, value)| value.clone()).collect(),
        }
    }

    /// All subscripts, in bash's order.
    pub fn keys(&self) -> Vec<String> {
        match &self.value {
            Value::Unset => Vec::new(),
            Value::Scalar(_) => vec!["0".into()],
            Value::Indexed(items) => items.keys().map(i64::to_string).collect(),
            Value::Assoc(items) => assoc_order(items).into_iter().map(|(key, _)| key.clone()).collect(),
        }
    }

    /// What it takes, in bytes.
    fn memory(&self) -> usize {
        STRING_OVERHEAD
            + match &self.value {
                Value::Unset => 0,
                Value::Scalar(text) => text.len(),
                Value::Indexed(items) => items.values().map(|text| text.len() + STRING_OVERHEAD).sum(),
                Value::Assoc(items) => items.iter().map(|(key, text)| key.len() + text.len() + STRING_OVERHEAD).sum(),
            }
    }

    fn convert(&self, text: String) -> String {
        if self.lower {
            text.to_lowercase()
        } else if self.upper {
            text.to_uppercase()
        } else {
            text
        }
    }
}

/// bash walks a hash table of 1024 buckets by FNV-1: scripts' outputs show that order.
fn assoc_order(items: &BTreeMap<String, String>) -> Vec<(&String, &String)> {
    let bucket = |key: &str| {
        let hash = machine::text::to_bytes(key)
            .iter()
            .fold(2_166_136_261_u32, |hash, &byte| hash.wrapping_mul(16_777_619) ^ u32::from(byte));
        hash & 1023
    };
    let mut all: Vec<_> = items.iter().collect();
    all.sort_by_key(|(key, _)| bucket(key));
    all
}

/// Why a variable cannot be set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VarError {
    /// It is read-only.
    Readonly(String),
    /// A negative subscript before the beginning, or none.
    BadSubscript(String),
}

impl std::fmt::Display for VarError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            VarError::Readonly(name) => write!(f, "{name}: readonly variable"),
            VarError::BadSubscript(name) => write!(f, "{name}: bad array subscript"),
        }
    }
}

/// What a function (or a command with assignments before it) hid.
#[derive(Clone, Debug, Default)]
struct Frame {
    saved: BTreeMap<String, Option<Var>>,
    function: bool,
}

/// All variables. Scopes are dynamic: a local hides the outer one until its function returns.
#[derive(Clone, Debug, Default)]
pub struct Vars {
    map: BTreeMap<String, Var>,
    frames: Vec<Frame>,
    meter: MemoryMeter,
}

/// What a string takes besides its bytes.
const STRING_OVERHEAD: usize = 48;

/// Names of references followed before bash would call them circular.
const MAX_REFERENCES: usize = 8;

impl Vars {
    /// The variable, as it is: references are not followed.
    pub fn raw(&self, name: &str) -> Option<&Var> {
        self.map.get(name)
    }

    /// The name that a reference leads to.
    pub fn resolve(&self, name: &str) -> String {
        let mut name = name.to_string();
        for _ in 0..MAX_REFERENCES {
            match self.map.get(&name) {
                Some(Var { nameref: true, value: Value::Scalar(target), .. }) if !target.is_empty() => {
                    name.clone_from(target);
                }
                _ => break,
            }
        }
        name
    }

    /// The variable behind a name.
    pub fn get(&self, name: &str) -> Option<&Var> {
        match self.map.get(name) {
            Some(var) if var.nameref => self.map.get(&self.resolve(name)),
            found => found,
        }
    }

    /// Its value as a string.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Var::scalar)
    }

    /// The variable, made if need be, to change its attributes.
    pub fn entry(&mut self, name: &str) -> &mut Var {
        let name = self.resolve(name);
        self.map.entry(name).or_default()
    }

    /// As [`Vars::entry`], references not followed.
    pub fn raw_entry(&mut self, name: &str) -> &mut Var {
        self.map.entry(name.to_string()).or_default()
    }

    /// Sets a string (element 0 of an array).
    pub fn set(&mut self, name: &str, text: impl Into<String>) -> Result<(), VarError> {
        let name = self.resolve(name);
        let var = self.map.entry(name.clone()).or_default();
        if var.readonly {
            return Err(VarError::Readonly(name));
        }
        let text = var.convert(text.into());
        self.meter.kept(text.len());
        match &mut var.value {
            Value::Indexed(items) => {
                items.insert(0, text);
            }
            Value::Assoc(items) => {
                items.insert("0".into(), text);
            }
            value => *value = Value::Scalar(text),
        }
        Ok(())
    }

    /// Sets a string that no script may refuse (`PWD` and the like).
    pub fn put(&mut self, name: &str, text: impl Into<String>) {
        self.map.entry(name.to_string()).or_default().value = Value::Scalar(text.into());
    }

    /// Replaces the whole value.
    pub fn set_value(&mut self, name: &str, value: Value) -> Result<(), VarError> {
        let name = self.resolve(name);
        let var = self.map.entry(name.clone()).or_default();
        if var.readonly {
            return Err(VarError::Readonly(name));
        }
        var.value = match value {
            Value::Scalar(text) => Value::Scalar(var.convert(text)),
            value => value,
        };
        self.meter.kept(var.memory());
        Ok(())
    }

    /// Sets an element of an indexed array, making the variable one.
    pub fn set_index(&mut self, name: &str, index: i64, text: String) -> Result<(), VarError> {
        let name = self.resolve(name);
        let var = self.map.entry(name.clone()).or_default();
        if var.readonly {
            return Err(VarError::Readonly(name));
        }
        let text = var.convert(text);
        let items = match &mut var.value {
            Value::Indexed(items) => items,
            value => {
                let first = match std::mem::replace(value, Value::Unset) {
                    Value::Scalar(first) => Some((0, first)),
                    _ => None,
                };
                *value = Value::Indexed(first.into_iter().collect());
                match value {
                    Value::Indexed(items) => items,
                    _ => return Err(VarError::BadSubscript(name)),
                }
            }
        };
        let index = from_end(index, items).ok_or_else(|| VarError::BadSubscript(format!("{name}[{index}]")))?;
        self.meter.kept(text.len() + STRING_OVERHEAD);
        items.insert(index, text);
        Ok(())
    }

    /// Sets an element of an associative array.
    pub fn set_key(&mut self, name: &str, key: &str, text: String) -> Result<(), VarError> {
        let name = self.resolve(name);
        let var = self.map.entry(name.clone()).or_default();
        if var.readonly {
            return Err(VarError::Readonly(name));
        }
        let text = var.convert(text);
        if !matches!(var.value, Value::Assoc(_)) {
            var.value = Value::Assoc(BTreeMap::new());
        }
        self.meter.kept(key.len() + text.len() + STRING_OVERHEAD);
        if let Value::Assoc(items) = &mut var.value {
            items.insert(key.to_string(), text);
        }
        Ok(())
    }

    /// What all variables take, in bytes, where it is time to look again.
    pub fn measure_if_due(&mut self) -> Option<u64> {
        self.meter.is_due().then(|| self.measure())
    }

    /// Whether the variables are so many that they were ever measured.
    pub fn are_large(&self) -> bool {
        self.meter.last() > 0
    }

    /// What all variables take, in bytes.
    pub fn measure(&mut self) -> u64 {
        let hidden = self.frames.iter().flat_map(|frame| frame.saved.values().flatten());
        let bytes = self.map.values().chain(hidden).map(Var::memory).sum::<usize>() as u64;
        self.meter.measured(bytes);
        bytes
    }

    /// Removes a variable.
    pub fn unset(&mut self, name: &str) -> Result<bool, VarError> {
        match self.map.get(name) {
            Some(var) if var.readonly => Err(VarError::Readonly(name.to_string())),
            Some(_) => Ok(self.map.remove(name).is_some()),
            None => Ok(false),
        }
    }

    /// Begins a scope.
    pub fn push_frame(&mut self, function: bool) {
        self.frames.push(Frame { saved: BTreeMap::new(), function });
    }

    /// Ends the innermost scope.
    pub fn pop_frame(&mut self) {
        let Some(frame) = self.frames.pop() else { return };
        for (name, var) in frame.saved {
            match var {
                Some(var) => self.map.insert(name, var),
                None => self.map.remove(&name),
            };
        }
    }

    /// Ends all scopes: an interactive shell is back at its prompt.
    pub fn pop_all(&mut self) {
        while !self.frames.is_empty() {
            self.pop_frame();
        }
    }

    /// Makes the name local to the innermost scope (of a function, where `function` is set); the new
    /// variable keeps the old attributes only where it is asked to.
    pub fn localize(&mut self, name: &str, function: bool, inherit: bool) {
        let frame = self.frames.iter_mut().rev().find(|frame| frame.function || !function);
        let Some(frame) = frame else { return };
        if frame.saved.contains_key(name) {
            return;
        }
        let old = self.map.get(name).cloned();
        frame.saved.insert(name.to_string(), old);
        if !inherit {
            self.map.remove(name);
        }
    }

    /// Whether the name is local to the innermost function.
    pub fn is_local(&self, name: &str) -> bool {
        self.frames.iter().rev().find(|frame| frame.function).is_some_and(|frame| frame.saved.contains_key(name))
    }

    /// The names that are local to the innermost function.
    pub fn locals(&self) -> Vec<String> {
        let frame = self.frames.iter().rev().find(|frame| frame.function);
        frame.map(|frame| frame.saved.keys().cloned().collect()).unwrap_or_default()
    }

    /// All variables by name.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &Var)> {
        self.map.iter()
    }

    /// The names that begin with a prefix.
    pub fn names(&self, prefix: &str) -> Vec<String> {
        let has_value = |var: &Var| var.value != Value::Unset;
        self.map.iter().filter(|(n, v)| n.starts_with(prefix) && has_value(v)).map(|(n, _)| n.clone()).collect()
    }

    /// The environment for a program.
    pub fn environment(&self) -> Vec<String> {
        let exported = self.map.iter().filter(|(_, var)| var.exported);
        exported.filter_map(|(name, var)| var.scalar().map(|text| format!("{name}={text}"))).collect()
    }
}

/// A subscript counted from the end where it is negative.
pub fn from_end(index: i64, items: &BTreeMap<i64, String>) -> Option<i64> {
    if index >= 0 {
        return Some(index);
    }
    let last = items.keys().next_back().copied().unwrap_or(-1);
    let index = last + 1 + index;
    (index >= 0).then_some(index)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locals_hide_and_come_back() {
        let mut vars = Vars::default();
        vars.put("x", "outer");
        vars.push_frame(true);
        vars.localize("x", true, false);
        vars.localize("y", true, false);
        vars.put("x", "inner");
        vars.put("y", "new");
        vars.put("z", "global");
        assert_eq!(vars.text("x"), Some("inner"));
        vars.pop_frame();
        assert_eq!((vars.text("x"), vars.text("y"), vars.text("z")), (Some("outer"), None, Some("global")));
    }

    #[test]
    fn arrays_grow_from_scalars_and_count_from_the_end() {
        let mut vars = Vars::default();
        vars.put("a", "zero");
        vars.set_index("a", 2, "two".into()).expect("sets");
        vars.set_index("a", -1, "last".into()).expect("sets");
        assert_eq!(vars.get("a").map(Var::values), Some(vec!["zero".to_string(), "last".to_string()]));
        assert!(vars.set_index("a", -9, String::new()).is_err());
    }

    #[test]
    fn references_are_followed() {
        let mut vars = Vars::default();
        vars.put("r", "target");
        vars.raw_entry("r").nameref = true;
        vars.set("r", "value").expect("sets");
        assert_eq!(vars.text("target"), Some("value"));
    }
}
