//! Where values lie: looking there, changing and deleting what is there.

use std::rc::Rc;

use super::eval::{Flow, error};
use super::json::Value;
use super::operators::put;

/// A list grows no longer than this by an assignment.
const MOST: usize = 1 << 20;

fn from_end(number: f64, length: usize) -> Option<usize> {
    let at = number.floor() + if number < 0.0 { length as f64 } else { 0.0 };
    (at >= 0.0).then_some(at as usize)
}

/// `.[key]`.
pub fn index(of: &Value, key: &Value) -> Flow<Value> {
    match (of, key) {
        (Value::Map(_), Value::Text(key)) => Ok(of.get(key).cloned().unwrap_or(Value::Null)),
        (Value::List(items), Value::Number(at)) => {
            Ok(from_end(*at, items.len()).and_then(|at| items.get(at)).cloned().unwrap_or(Value::Null))
        }
        (Value::Null, Value::Text(_) | Value::Number(_) | Value::Null) => Ok(Value::Null),
        (_, Value::Map(_)) if key.get("start").is_some() => {
            let end = |name| key.get(name).cloned().unwrap_or(Value::Null);
            slice(of, &end("start"), &end("end"))
        }
        (Value::List(items), Value::List(part)) => {
            let found = (0..items.len()).filter(|at| !part.is_empty() && items[*at..].starts_with(part));
            Ok(Value::list(found.map(|at| Value::Number(at as f64)).collect()))
        }
        (_, Value::Text(key)) => error(format!("Cannot index {} with string \"{key}\"", of.kind())),
        _ => error(format!("Cannot index {} with {}", of.kind(), key.kind())),
    }
}

/// `.[from:to]`.
pub fn slice(of: &Value, from: &Value, to: &Value) -> Flow<Value> {
    let range = |length: usize| {
        let end = |value: &Value, default: usize| match value {
            Value::Number(n) => {
                let n = if *n < 0.0 { n + length as f64 } else { *n };
                Some((n.max(0.0) as usize).min(length))
            }
            Value::Null => Some(default),
            _ => None,
        };
        let (from, to) = (end(from, 0)?, end(to, length)?);
        Some(from..to.max(from))
    };
    match of {
        Value::Null => Ok(Value::Null),
        Value::List(items) => match range(items.len()) {
            Some(range) => Ok(Value::list(items[range].to_vec())),
            None => error("Start and end indices of an array slice must be numbers"),
        },
        Value::Text(text) => {
            let chars: Vec<char> = text.chars().collect();
            match range(chars.len()) {
                Some(range) => Ok(Value::text(chars[range].iter().collect::<String>())),
                None => error("Start and end indices of an array slice must be numbers"),
            }
        }
        other => error(format!("Cannot index {} with object", other.kind())),
    }
}

/// What lies at a path.
pub fn get_path(value: &Value, path: &[Value]) -> Flow<Value> {
    let mut value = value.clone();
    for key in path {
        value = index(&value, key)?;
    }
    Ok(value)
}

/// The value with another one at a path.
pub fn set_path(value: &Value, path: &[Value], new: Value) -> Flow<Value> {
    let Some((key, rest)) = path.split_first() else { return Ok(new) };
    match (value, key) {
        (Value::Map(_) | Value::Null, Value::Text(key)) => {
            let mut items = if let Value::Map(items) = value { items.to_vec() } else { Vec::new() };
            let old = value.get(key).cloned().unwrap_or(Value::Null);
            put(&mut items, key, set_path(&old, rest, new)?);
            Ok(Value::map(items))
        }
        (Value::List(_) | Value::Null, Value::Number(at)) => {
            let mut items = if let Value::List(items) = value { items.to_vec() } else { Vec::new() };
            let Some(at) = from_end(*at, items.len()) else { return error("Out of bounds negative array index") };
            if at >= MOST {
                return error("Out of memory?");
            }
            if at >= items.len() {
                items.resize(at + 1, Value::Null);
            }
            items[at] = set_path(&items[at], rest, new)?;
            Ok(Value::list(items))
        }
        (Value::List(items), Value::Map(_)) => {
            let Value::List(part) = index(value, key)? else { return error("Cannot update a slice") };
            let Value::List(new) = set_path(&Value::List(part.clone()), rest, new)? else {
                return error("A slice of an array can only be assigned another array");
            };
            let from = match key.get("start") {
                Some(Value::Number(n)) => from_end(*n, items.len()).unwrap_or(0).min(items.len()),
                _ => 0,
            };
            let mut all = items[..from].to_vec();
            all.extend(new.iter().cloned());
            all.extend(items[(from + part.len()).min(items.len())..].iter().cloned());
            Ok(Value::list(all))
        }
        (other, Value::Text(key)) => error(format!("Cannot index {} with \"{key}\"", other.kind())),
        (other, key) => error(format!("Cannot index {} with {}", other.kind(), key.kind())),
    }
}

/// The value without what lies at some paths.
pub fn delete_paths(value: &Value, mut paths: Vec<Rc<Vec<Value>>>) -> Flow<Value> {
    // The last first: what goes moves what lies behind it.
    paths.sort_by(|a, b| Value::List(b.clone()).order(&Value::List(a.clone())));
    let mut value = value.clone();
    for path in paths {
        value = delete_path(&value, &path)?;
    }
    Ok(value)
}

fn delete_path(value: &Value, path: &[Value]) -> Flow<Value> {
    let Some((key, rest)) = path.split_first() else { return Ok(Value::Null) };
    if !rest.is_empty() {
        let inner = index(value, key)?;
        return if matches!(inner, Value::Null) {
            Ok(value.clone())
        } else {
            set_path(value, &path[..1], delete_path(&inner, rest)?)
        };
    }
    match (value, key) {
        (Value::Null, _) => Ok(Value::Null),
        (Value::Map(items), Value::Text(key)) => {
            Ok(Value::map(items.iter().filter(|(known, _)| known != key).cloned().collect()))
        }
        (Value::List(items), Value::Number(at)) => {
            let gone = from_end(*at, items.len());
            let kept = items.iter().enumerate().filter(|(at, _)| Some(*at) != gone).map(|(_, item)| item.clone());
            Ok(Value::list(kept.collect()))
        }
        (Value::List(_), Value::Map(_)) => set_path(value, path, Value::list(Vec::new())),
        (other, key) => error(format!("Cannot delete field at {} index of {}", key.kind(), other.kind())),
    }
}
