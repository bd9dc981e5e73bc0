//! Values as Go's `fmt` prints them.

use serde_json::Value;

use super::fields::{POINTERS, is_map};
use super::value::{Mode, NO_VALUE, Val};

/// The Go type that a JSON value has most likely, for errors.
pub fn go_type(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "string",
        Value::Bool(_) => "bool",
        Value::Number(n) if n.is_f64() => "float64",
        Value::Number(_) => "int",
        Value::Array(_) => "[]string",
        Value::Object(_) => "map[string]interface {}",
        Value::Null => "interface {}",
    }
}

/// Go's `%v` of a value in a template.
pub fn plain(value: &Val<'_>, mode: Mode) -> String {
    let mut out = String::new();
    match value.json.as_ref() {
        Value::Null if mode == Mode::Typed => out.push_str(value.null),
        Value::Null => out.push_str(NO_VALUE),
        json => write(&mut out, json, value.map || mode == Mode::Raw, mode, 0),
    }
    out
}

fn write(out: &mut String, value: &Value, map: bool, mode: Mode, depth: usize) {
    if depth > 64 {
        return;
    }
    match value {
        Value::Null => out.push_str("<nil>"),
        Value::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Value::Number(n) => out.push_str(&n.to_string()),
        Value::String(s) => out.push_str(s),
        Value::Array(list) => {
            out.push('[');
            for (i, item) in list.iter().enumerate() {
                if i > 0 {
                    out.push(' ');
                }
                write(out, item, mode == Mode::Raw, mode, depth + 1);
            }
            out.push(']');
        }
        Value::Object(object) if map => {
            let mut items: Vec<_> = object.iter().collect();
            items.sort_by_key(|(k, _)| k.as_str());
            out.push_str("map[");
            for (i, (key, item)) in items.into_iter().enumerate() {
                if i > 0 {
                    out.push(' ');
                }
                out.push_str(key);
                out.push(':');
                write(out, item, mode == Mode::Raw, mode, depth + 1);
            }
            out.push(']');
        }
        Value::Object(object) => {
            // A log driver's `Config` is a map, a container's is not.
            let map = |key: &str| is_map(key) || key == "Config" && object.contains_key("Type");
            out.push('{');
            for (i, (key, item)) in object.iter().enumerate() {
                if i > 0 {
                    out.push(' ');
                }
                match item {
                    Value::Null if map(key) => out.push_str("map[]"),
                    Value::Null if !POINTERS.contains(&key.as_str()) => out.push_str("[]"),
                    _ => write(out, item, map(key), mode, depth + 1),
                }
            }
            out.push('}');
        }
    }
}
