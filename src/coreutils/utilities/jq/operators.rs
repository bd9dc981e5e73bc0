//! What operators do with values, and how messages name them.

use std::rc::Rc;

use super::eval::{Flow, error};
use super::json::{Style, Value, write};
use super::strings;

/// A text made by repetition is no longer than this.
const MOST: usize = 1 << 20;

/// A value as error messages show it: cut short.
pub fn short(value: &Value) -> String {
    let text = write(value, Style::default());
    if text.len() <= 11 {
        return text;
    }
    let cut: String = text.chars().take(10).collect();
    format!("{cut}...")
}

/// `number (5)`.
pub fn named(value: &Value) -> String {
    if matches!(value, Value::Null) { "null (null)".into() } else { format!("{} ({})", value.kind(), short(value)) }
}

/// Sets a key.
pub fn put(items: &mut Vec<(Rc<str>, Value)>, key: &Rc<str>, value: Value) {
    match items.iter_mut().find(|(known, _)| known == key) {
        Some((_, old)) => *old = value,
        None => items.push((key.clone(), value)),
    }
}

/// An operator's result.
pub fn operate(operator: &str, left: &Value, right: &Value) -> Flow<Value> {
    use Value::{List, Map, Null, Number, Text};
    let order = left.order(right);
    Ok(match (operator, left, right) {
        ("==", ..) => Value::Bool(order.is_eq()),
        ("!=", ..) => Value::Bool(order.is_ne()),
        ("<", ..) => Value::Bool(order.is_lt()),
        ("<=", ..) => Value::Bool(order.is_le()),
        (">", ..) => Value::Bool(order.is_gt()),
        (">=", ..) => Value::Bool(order.is_ge()),
        ("+", Null, other) | ("+", other, Null) => other.clone(),
        ("+", Number(a), Number(b)) => Number(a + b),
        ("+", Text(a), Text(b)) => Value::text(format!("{a}{b}")),
        ("+", List(a), List(b)) => Value::list(a.iter().chain(b.iter()).cloned().collect()),
        ("+", Map(a), Map(b)) => {
            let mut items = a.to_vec();
            b.iter().for_each(|(key, value)| put(&mut items, key, value.clone()));
            Value::map(items)
        }
        ("-", Number(a), Number(b)) => Number(a - b),
        ("-", List(a), List(b)) => Value::list(a.iter().filter(|item| !b.contains(item)).cloned().collect()),
        ("*", Number(a), Number(b)) => Number(a * b),
        ("*", Text(text), Number(n)) | ("*", Number(n), Text(text)) => {
            let times = if *n > 0.0 { n.ceil() as usize } else { 0 };
            match times {
                0 => Null,
                times if text.len().saturating_mul(times) > MOST => return error("Out of memory?"),
                times => Value::text(text.repeat(times)),
            }
        }
        ("*", Map(a), Map(b)) => merged(a, b)?,
        ("/", Number(_), Number(0.0)) => {
            return error(format!(
                "{} and {} cannot be divided because the divisor is zero",
                named(left),
                named(right)
            ));
        }
        ("/", Number(a), Number(b)) => Number(a / b),
        ("/", Text(a), Text(b)) => strings::split(a, b),
        ("%", Number(_), Number(b)) if b.trunc() == 0.0 => {
            return error(format!(
                "{} and {} cannot be divided because the divisor is zero",
                named(left),
                named(right)
            ));
        }
        ("%", Number(a), Number(b)) => {
            Number((a.trunc() as i64).wrapping_rem((b.trunc() as i64).wrapping_abs().max(1)) as f64)
        }
        _ => {
            let verb = match operator {
                "+" => "added",
                "-" => "subtracted",
                "*" => "multiplied",
                _ => "divided",
            };
            return error(format!("{} and {} cannot be {verb}", named(left), named(right)));
        }
    })
}

/// `*` of objects: what both have is merged again.
fn merged(a: &[(Rc<str>, Value)], b: &[(Rc<str>, Value)]) -> Flow<Value> {
    let mut items = a.to_vec();
    for (key, value) in b {
        let old = a.iter().find(|(known, _)| known == key).map(|(_, old)| old);
        let value = match (old, value) {
            (Some(Value::Map(old)), Value::Map(new)) => merged(old, new)?,
            _ => value.clone(),
        };
        put(&mut items, key, value);
    }
    Ok(Value::map(items))
}
