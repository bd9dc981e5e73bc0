//! Values, and how objects are seen.

use std::borrow::Cow;

use serde_json::Value;

use super::fields;

/// What stands for nothing.
pub const NO_VALUE: &str = "<no value>";

/// How objects are seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// As Go's structs: an unknown field is an error, optional fields are empty.
    Typed,
    /// As maps from JSON where an unknown key is an error.
    Raw,
}

/// A value, and whether it is a Go map rather than a struct.
#[derive(Clone, Debug)]
pub struct Val<'v> {
    /// The value.
    pub json: Cow<'v, Value>,
    /// Whether an object is a map.
    pub map: bool,
    /// What it prints as if it is null.
    pub null: &'static str,
}

impl<'v> Val<'v> {
    /// A value that was computed.
    pub fn owned(json: Value) -> Val<'v> {
        Val { json: Cow::Owned(json), map: true, null: NO_VALUE }
    }

    /// The field or entry of an object.
    pub fn get(&self, key: &str) -> Option<Val<'v>> {
        let json = match &self.json {
            Cow::Borrowed(value) => Cow::Borrowed(value.get(key)?),
            Cow::Owned(value) => Cow::Owned(value.get(key)?.clone()),
        };
        Some(Val { json, map: fields::is_map(key), null: fields::null_text(key) })
    }
}

/// Go's truth.
pub fn truth(value: &Val<'_>) -> bool {
    match value.json.as_ref() {
        Value::Null => false,
        Value::Bool(b) => *b,
        Value::Number(n) => n.as_f64() != Some(0.0),
        Value::String(s) => !s.is_empty(),
        Value::Array(a) => !a.is_empty(),
        Value::Object(o) => !o.is_empty(),
    }
}
