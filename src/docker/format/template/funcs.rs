//! The functions: Go's own and docker/cli's.

use std::cmp::Ordering;

use docker_api::text_quote;
use serde_json::Value;

use super::print::{go_type, plain};
use super::value::{Mode, NO_VALUE, Val, truth};

/// Why a call failed.
pub enum Refusal {
    /// Too many or too few arguments: the whole message.
    Count(String),
    /// The function's own error.
    Value(String),
}

/// Names with the least and the greatest number of arguments.
const FUNCTIONS: [(&str, usize, usize); 27] = [
    ("and", 1, 99),
    ("call", 1, 99),
    ("eq", 2, 99),
    ("ge", 2, 2),
    ("gt", 2, 2),
    ("html", 0, 99),
    ("index", 1, 99),
    ("join", 2, 2),
    ("js", 0, 99),
    ("json", 1, 1),
    ("le", 2, 2),
    ("len", 1, 1),
    ("lower", 1, 1),
    ("lt", 2, 2),
    ("ne", 2, 2),
    ("not", 1, 1),
    ("or", 1, 99),
    ("pad", 3, 3),
    ("print", 0, 99),
    ("printf", 1, 99),
    ("println", 0, 99),
    ("slice", 1, 4),
    ("split", 2, 2),
    ("title", 1, 1),
    ("truncate", 2, 2),
    ("upper", 1, 1),
    ("urlquery", 0, 99),
];

/// Whether there is a function of this name.
pub fn exists(name: &str) -> bool {
    FUNCTIONS.iter().any(|(n, ..)| *n == name)
}

/// Calls a function.
pub fn call<'v>(name: &str, args: &[Val<'v>], mode: Mode) -> Result<Val<'v>, Refusal> {
    let (low, high) = FUNCTIONS.iter().find(|(n, ..)| *n == name).map_or((0, 0), |(_, l, h)| (*l, *h));
    if args.len() < low || args.len() > high {
        let want = if high == 99 { format!("at least {low}") } else { low.to_string() };
        return Err(Refusal::Count(format!("wrong number of args for {name}: want {want} got {}", args.len())));
    }
    let text = |i: usize| args.get(i).map(|v| plain(v, mode)).unwrap_or_default();
    let string = |s: String| Ok(Val::owned(Value::String(s)));
    let value = |i: usize| args.get(i).map_or(&Value::Null, |v| v.json.as_ref());
    match name {
        "and" | "or" => args.last().cloned().ok_or_else(|| Refusal::Value("no arguments".into())),
        "not" => Ok(Val::owned(Value::Bool(!args.first().is_some_and(truth)))),
        "eq" => {
            let equal = args.iter().skip(1).map(|v| compare(value(0), &v.json).map(|o| o == Some(Ordering::Equal)));
            let any = equal.collect::<Result<Vec<_>, _>>()?.contains(&true);
            Ok(Val::owned(Value::Bool(any)))
        }
        "ne" | "lt" | "le" | "gt" | "ge" => order(name, value(0), value(1)),
        "len" => length(value(0)),
        "index" => index(args),
        "slice" => slice(args),
        "json" => string(go_json(value(0))),
        "join" => {
            let Value::Array(list) = value(0) else { return wrong_type(value(0), "[]string") };
            let parts: Vec<String> = list.iter().map(|v| plain(&Val::owned(v.clone()), mode)).collect();
            string(parts.join(&text(1)))
        }
        "split" => {
            let (whole, separator) = (text(0), text(1));
            let parts = match separator.as_str() {
                "" => whole.chars().map(|c| Value::String(c.to_string())).collect(),
                sep => whole.split(sep).map(|p| Value::String(p.to_string())).collect(),
            };
            Ok(Val::owned(Value::Array(parts)))
        }
        "upper" => string(text(0).to_uppercase()),
        "lower" => string(text(0).to_lowercase()),
        "title" => string(title(&text(0))),
        "pad" => {
            let count = |i: usize| value(i).as_u64().unwrap_or(0).min(10_000) as usize;
            let whole = text(0);
            if whole.is_empty() {
                return string(whole);
            }
            string(" ".repeat(count(1)) + &whole + &" ".repeat(count(2)))
        }
        "truncate" => {
            let most = value(1).as_u64().unwrap_or(0) as usize;
            string(text(0).chars().take(most).collect())
        }
        "print" => string(print(args, mode)),
        "println" => {
            let parts: Vec<String> = (0..args.len()).map(text).collect();
            string(parts.join(" ") + "\n")
        }
        "printf" => string(printf(args, mode)),
        "html" => {
            let escaped = print(args, mode).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            string(escaped.replace('"', "&#34;").replace('\'', "&#39;"))
        }
        "js" => string(js(&print(args, mode))),
        "urlquery" => string(query_escape(&print(args, mode))),
        _ => Err(Refusal::Value(format!("no function {name}"))),
    }
}

fn wrong_type<'v>(value: &Value, want: &str) -> Result<Val<'v>, Refusal> {
    Err(Refusal::Value(format!("wrong type for value; expected {want}; got {}", go_type(value))))
}

/// Text for a JavaScript string. Source: Go's `text/template`, `JSEscape`.
fn js(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | '\'' | '"' => out.extend(['\\', c]),
            '<' | '>' | '&' | '=' => out.push_str(&format!("\\u{:04X}", u32::from(c))),
            c if c < ' ' => out.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

/// Text as part of a URL's query. Source: Go's `net/url`, `QueryEscape`.
fn query_escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b' ' => out.push('+'),
            b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            b if b.is_ascii_alphanumeric() => out.push(char::from(b)),
            b => out.push_str(&format!("%{b:02X}")),
        }
    }
    out
}

/// JSON as Go's encoder writes it, with `<`, `>` and `&` left alone as docker/cli asks.
pub fn go_json(value: &Value) -> String {
    value.to_string()
}

fn title(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut start = true;
    for c in text.chars() {
        if start {
            out.extend(c.to_uppercase());
        } else {
            out.push(c);
        }
        start = !c.is_alphanumeric() && c != '_' && c != '\'';
    }
    out
}

/// Go's `Sprint`: spaces between operands when neither is a string.
fn print(args: &[Val<'_>], mode: Mode) -> String {
    let mut out = String::new();
    for (i, value) in args.iter().enumerate() {
        let plain_before = i > 0 && !args.get(i - 1).is_some_and(|v| v.json.is_string());
        if plain_before && !value.json.is_string() {
            out.push(' ');
        }
        out.push_str(&plain(value, mode));
    }
    out
}

fn compare(a: &Value, b: &Value) -> Result<Option<Ordering>, Refusal> {
    match (a, b) {
        (Value::Number(x), Value::Number(y)) => match (x.as_i64(), y.as_i64()) {
            (Some(x), Some(y)) => Ok(Some(x.cmp(&y))),
            _ => Ok(x.as_f64().partial_cmp(&y.as_f64())),
        },
        (Value::String(x), Value::String(y)) => Ok(Some(x.cmp(y))),
        (Value::Bool(x), Value::Bool(y)) => Ok(Some(x.cmp(y))),
        (Value::Null, Value::Null) => Ok(Some(Ordering::Equal)),
        (Value::Null, _) | (_, Value::Null) => Ok(None),
        (Value::Array(_) | Value::Object(_), _) => Err(Refusal::Value("non-comparable type".into())),
        _ => Err(Refusal::Value("incompatible types for comparison".into())),
    }
}

fn order<'v>(name: &str, a: &Value, b: &Value) -> Result<Val<'v>, Refusal> {
    let ordering = compare(a, b)?;
    let result = match name {
        "ne" => ordering != Some(Ordering::Equal),
        "lt" => ordering == Some(Ordering::Less),
        "le" => matches!(ordering, Some(Ordering::Less | Ordering::Equal)),
        "gt" => ordering == Some(Ordering::Greater),
        _ => matches!(ordering, Some(Ordering::Greater | Ordering::Equal)),
    };
    Ok(Val::owned(Value::Bool(result)))
}

fn length<'v>(value: &Value) -> Result<Val<'v>, Refusal> {
    let n = match value {
        Value::Array(list) => list.len(),
        Value::Object(object) => object.len(),
        Value::String(text) => text.len(),
        Value::Null => 0,
        other => return Err(Refusal::Value(format!("len of type {}", go_type(other)))),
    };
    Ok(Val::owned(n.into()))
}

fn index<'v>(args: &[Val<'v>]) -> Result<Val<'v>, Refusal> {
    let Some((first, keys)) = args.split_first() else { return Err(Refusal::Value("index of nothing".into())) };
    let mut current = first.clone();
    for key in keys {
        let next = match (current.json.as_ref(), key.json.as_ref()) {
            (Value::Object(object), Value::String(name)) => object.get(name).cloned().unwrap_or_else(|| zero(object)),
            (Value::Object(_), other) => {
                return Err(Refusal::Value(format!("value has type {}; should be string", go_type(other))));
            }
            (Value::Array(list), Value::Number(n)) => {
                let at = n.as_i64().unwrap_or(-1);
                let found = usize::try_from(at).ok().and_then(|i| list.get(i));
                found.cloned().ok_or_else(|| Refusal::Value(format!("index out of range: {at}")))?
            }
            (Value::Array(_), other) => {
                return Err(Refusal::Value(format!("cannot index slice/array with type {}", go_type(other))));
            }
            (Value::String(text), Value::Number(n)) => {
                let at = n.as_i64().unwrap_or(-1);
                let byte = usize::try_from(at).ok().and_then(|i| text.as_bytes().get(i));
                (*byte.ok_or_else(|| Refusal::Value(format!("index out of range: {at}")))?).into()
            }
            (Value::Null, Value::Number(n)) => return Err(Refusal::Value(format!("index out of range: {n}"))),
            (Value::Null, _) => Value::Null,
            (other, _) => return Err(Refusal::Value(format!("can't index item of type {}", go_type(other)))),
        };
        current = Val { json: std::borrow::Cow::Owned(next), map: false, null: NO_VALUE };
    }
    Ok(current)
}

/// What a map gives for a key that it does not have.
fn zero(map: &serde_json::Map<String, Value>) -> Value {
    match map.values().all(Value::is_string) {
        true => Value::String(String::new()),
        false => Value::Null,
    }
}

fn slice<'v>(args: &[Val<'v>]) -> Result<Val<'v>, Refusal> {
    let bound = |i: usize, default: usize| match args.get(i).map(|v| v.json.as_ref()) {
        None => Ok(default),
        Some(Value::Number(n)) => Ok(n.as_u64().map_or(usize::MAX, |n| n as usize)),
        Some(other) => Err(Refusal::Value(format!("cannot index slice/array with type {}", go_type(other)))),
    };
    let range = |len: usize| {
        let (low, high) = (bound(1, 0)?, bound(2, len)?);
        for bad in [low, high] {
            if bad > len {
                return Err(Refusal::Value(format!("index out of range: {bad}")));
            }
        }
        if low > high {
            return Err(Refusal::Value(format!("invalid slice index: {low} > {high}")));
        }
        Ok((low, high))
    };
    match args.first().map(|v| v.json.as_ref()) {
        Some(Value::String(text)) => {
            let (low, high) = range(text.len())?;
            let cut = text.as_bytes().get(low..high).unwrap_or(&[]);
            Ok(Val::owned(Value::String(String::from_utf8_lossy(cut).into_owned())))
        }
        Some(Value::Array(list)) => {
            let (low, high) = range(list.len())?;
            Ok(Val::owned(Value::Array(list.get(low..high).unwrap_or(&[]).to_vec())))
        }
        Some(other) => Err(Refusal::Value(format!("can't slice item of type {}", go_type(other)))),
        None => Err(Refusal::Value("slice of untyped nil".into())),
    }
}

/// Go's `Sprintf` with the verbs that make sense for JSON values.
fn printf(args: &[Val<'_>], mode: Mode) -> String {
    let format = args.first().map(|v| plain(v, mode)).unwrap_or_default();
    let (mut out, mut next) = (String::new(), 1);
    let mut chars = format.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let (mut flags, mut width, mut precision) = (String::new(), String::new(), None::<String>);
        while let Some(f) = chars.next_if(|c| matches!(c, '-' | '+' | '#' | '0' | ' ')) {
            flags.push(f);
        }
        while let Some(d) = chars.next_if(char::is_ascii_digit) {
            width.push(d);
        }
        if chars.next_if_eq(&'.').is_some() {
            let mut digits = String::new();
            while let Some(d) = chars.next_if(char::is_ascii_digit) {
                digits.push(d);
            }
            precision = Some(digits);
        }
        let Some(verb) = chars.next() else {
            out.push_str("%!(NOVERB)");
            break;
        };
        if verb == '%' {
            out.push('%');
            continue;
        }
        let Some(value) = args.get(next) else {
            out.push_str(&format!("%!{verb}(MISSING)"));
            continue;
        };
        next += 1;
        let text = verb_text(verb, value, precision.as_deref(), mode);
        let width = width.parse::<usize>().unwrap_or(0).min(10_000);
        let missing = width.saturating_sub(text.chars().count());
        let zero = flags.contains('0') && !flags.contains('-') && value.json.is_number();
        match (flags.contains('-'), zero) {
            (true, _) => out.push_str(&(text + &" ".repeat(missing))),
            (false, true) => out.push_str(&("0".repeat(missing) + &text)),
            (false, false) => out.push_str(&(" ".repeat(missing) + &text)),
        }
    }
    out
}

fn verb_text(verb: char, value: &Val<'_>, precision: Option<&str>, mode: Mode) -> String {
    let json = value.json.as_ref();
    let shown = plain(value, mode);
    let digits = precision.map(|p| p.parse::<usize>().unwrap_or(0).min(100));
    match (verb, json) {
        ('v', _) => shown,
        ('s', Value::String(_)) => shown.chars().take(digits.unwrap_or(usize::MAX)).collect(),
        ('s', Value::Array(_) | Value::Object(_)) => shown,
        ('q', Value::String(_)) => text_quote(&shown),
        ('d', Value::Number(_)) | ('t', Value::Bool(_)) => shown,
        ('x', Value::Number(n)) => format!("{:x}", n.as_i64().unwrap_or(0)),
        ('x', Value::String(_)) => docker_api::ids::hex(shown.as_bytes()),
        ('f', Value::Number(n)) if n.is_f64() => format!("{:.*}", digits.unwrap_or(6), n.as_f64().unwrap_or(0.0)),
        ('T', _) => go_type(json).to_string(),
        _ => format!("%!{verb}({}={shown})", go_type(json)),
    }
}
