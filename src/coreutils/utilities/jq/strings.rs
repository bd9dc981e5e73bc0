//! jq's functions of strings: formats, regular expressions, dates.

use std::rc::Rc;

use machine::UnixTime;
use machine::calendar::strftime;

use super::eval::{Flow, error};
use super::json::{Style, Value, write};
use super::operators::{named, put};
use crate::regex::{Captures, Regex, Syntax};

/// A value as `@text` writes it.
fn text_of(value: &Value) -> String {
    match value {
        Value::Text(text) => text.to_string(),
        other => write(other, Style::default()),
    }
}

/// `@name`.
pub fn format(name: &str, value: &Value) -> Flow<String> {
    let row = |quote: fn(&Value) -> Option<String>, separator: &str, kind: &str| {
        let Value::List(items) = value else {
            return error(format!("{} cannot be {kind}-formatted, only an array can be", named(value)));
        };
        let cells: Option<Vec<String>> = items.iter().map(quote).collect();
        match cells {
            Some(cells) => Ok(cells.join(separator)),
            None => error(format!("{} is not valid in a {kind} row", named(items.last().unwrap_or(&Value::Null)))),
        }
    };
    match name {
        "text" => Ok(text_of(value)),
        "json" => Ok(write(value, Style::default())),
        "csv" => row(
            |cell| match cell {
                Value::Text(text) => Some(format!("\"{}\"", text.replace('"', "\"\""))),
                other => simple(other),
            },
            ",",
            "csv",
        ),
        "tsv" => row(
            |cell| match cell {
                Value::Text(text) => Some(text.replace('\\', "\\\\").replace('\t', "\\t").replace('\n', "\\n")),
                other => simple(other),
            },
            "\t",
            "tsv",
        ),
        "sh" => {
            let one = |value: &Value| match value {
                Value::Text(text) => format!("'{}'", text.replace('\'', "'\\''")),
                other => write(other, Style::default()),
            };
            Ok(match value {
                Value::List(items) => items.iter().map(one).collect::<Vec<_>>().join(" "),
                other => one(other),
            })
        }
        "html" => {
            let text = text_of(value).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            Ok(text.replace('\'', "&#39;").replace('"', "&quot;"))
        }
        "uri" => {
            let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.~".contains(&b);
            let byte = |b: u8| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") };
            Ok(text_of(value).bytes().map(byte).collect())
        }
        "base64" => {
            Ok(String::from_utf8_lossy(&crate::utilities::base64::encode(text_of(value).as_bytes())).into_owned())
        }
        "base64d" => match crate::utilities::base64::decode(text_of(value).as_bytes(), false) {
            (bytes, true) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
            (_, false) => error(format!("{} is not valid base64 data", named(value))),
        },
        name => error(format!("{name} is not a valid format")),
    }
}

/// A number, a flag or nothing, as a cell of a row.
fn simple(cell: &Value) -> Option<String> {
    match cell {
        Value::Null => Some(String::new()),
        Value::Bool(_) | Value::Number(_) => Some(write(cell, Style::default())),
        _ => None,
    }
}

/// Parts of a text between separators.
pub fn split(text: &str, separator: &str) -> Value {
    let parts = match (text, separator) {
        ("", _) => Vec::new(),
        (text, "") => text.chars().map(|c| Value::text(c.to_string())).collect(),
        (text, separator) => text.split(separator).map(Value::text).collect(),
    };
    Value::list(parts)
}

/// Whether one value is in another, as `contains` means it.
pub fn contains(whole: &Value, part: &Value) -> Flow<bool> {
    match (whole, part) {
        (Value::Text(whole), Value::Text(part)) => Ok(whole.contains(&**part)),
        (Value::List(whole), Value::List(parts)) => {
            for part in parts.iter() {
                let mut found = false;
                for item in whole.iter().filter(|item| item.kind() == part.kind()) {
                    found |= contains(item, part)?;
                }
                if !found {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        (Value::Map(_), Value::Map(parts)) => {
            for (key, part) in parts.iter() {
                let Some(item) = whole.get(key) else { return Ok(false) };
                if !contains(item, part)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        (whole, part) if whole.kind() == part.kind() => Ok(whole == part),
        _ => error(format!("{} and {} cannot have their containment checked", named(whole), named(part))),
    }
}

struct Match {
    captures: Captures,
    names: Vec<Option<String>>,
}

impl Match {
    fn named(&self, text: &str) -> Value {
        let mut items: Vec<(Rc<str>, Value)> = Vec::new();
        for (group, name) in self.captures.iter().skip(1).zip(&self.names) {
            if let Some(name) = name {
                let value = group.map_or(Value::Null, |(from, to)| Value::text(&text[from..to]));
                put(&mut items, &name.as_str().into(), value);
            }
        }
        Value::map(items)
    }

    fn whole(&self) -> (usize, usize) {
        self.captures.first().copied().flatten().unwrap_or_default()
    }
}

/// Names of the groups of an expression, in order.
fn names(pattern: &str) -> Vec<Option<String>> {
    let mut names = Vec::new();
    let (mut rest, mut class) = (pattern, false);
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        match c {
            '\\' => {
                rest = after.get(after.chars().next().map_or(0, char::len_utf8)..).unwrap_or("");
                continue;
            }
            '[' => class = true,
            ']' => class = false,
            '(' if !class => {
                let named = after.strip_prefix("?<").or_else(|| after.strip_prefix("?P<"));
                match named.filter(|name| !name.starts_with(['=', '!'])) {
                    Some(name) => names.push(Some(name.split('>').next().unwrap_or("").to_string())),
                    None if after.starts_with('?') => {}
                    None => names.push(None),
                }
            }
            _ => {}
        }
        rest = after;
    }
    names
}

fn matches(input: &Value, pattern: &Value, flags: &Value, all: bool) -> Flow<Vec<Match>> {
    let (pattern, flags) = match (pattern, flags) {
        // `["pattern", "flags"]`
        (Value::List(both), _) => {
            (both.first().cloned().unwrap_or(Value::Null), both.get(1).cloned().unwrap_or(Value::Null))
        }
        _ => (pattern.clone(), flags.clone()),
    };
    let Value::Text(text) = input else {
        return error(format!("{} cannot be matched, as it is not a string", named(input)));
    };
    let Value::Text(pattern) = &pattern else {
        return error(format!("{} cannot be matched, as it is not a string", named(&pattern)));
    };
    let flags = if let Value::Text(flags) = &flags { flags.to_string() } else { String::new() };
    let syntax = Syntax { extended: true, perl: true, ignore_case: flags.contains('i') };
    let regex = match Regex::new(pattern, syntax) {
        Ok(regex) => regex,
        Err(problem) => return error(format!("{pattern} (at offset 0) is not a valid regex: {problem}")),
    };
    let (mut found, mut at) = (Vec::new(), 0);
    while let Some(captures) = regex.find_at(text, at) {
        let (from, to) = captures.first().copied().flatten().unwrap_or_default();
        found.push(Match { captures, names: names(pattern) });
        if !(all || flags.contains('g')) {
            break;
        }
        // Behind an empty match it goes on at the next character.
        at = if to > from { to } else { to + text[to..].chars().next().map_or(1, char::len_utf8) };
        if at > text.len() {
            break;
        }
    }
    Ok(found)
}

/// `sub` and `gsub`.
pub fn substitute(
    input: &Value,
    pattern: &Value,
    flags: &Value,
    all: bool,
    mut with: impl FnMut(&Value) -> Flow<String>,
) -> Flow<String> {
    let found = matches(input, pattern, flags, all)?;
    let Value::Text(text) = input else { return Ok(String::new()) };
    let (mut out, mut done) = (String::new(), 0);
    for hit in found {
        let (from, to) = hit.whole();
        out.push_str(&text[done..from]);
        out.push_str(&with(&hit.named(text))?);
        done = to;
    }
    out.push_str(&text[done..]);
    Ok(out)
}

fn described(text: &str, hit: &Match) -> Value {
    let part = |group: Option<(usize, usize)>| {
        let offset = group.map_or(-1.0, |(from, _)| text[..from].chars().count() as f64);
        let length = group.map_or(0.0, |(from, to)| text[from..to].chars().count() as f64);
        let string = group.map_or(Value::Null, |(from, to)| Value::text(&text[from..to]));
        vec![
            ("offset".into(), Value::Number(offset)),
            ("length".into(), Value::Number(length)),
            ("string".into(), string),
        ]
    };
    let groups = hit.captures.iter().skip(1).zip(&hit.names).map(|(group, name)| {
        let mut items = part(*group);
        items.push(("name".into(), name.as_ref().map_or(Value::Null, Value::text)));
        Value::map(items)
    });
    let captures = Value::list(groups.collect());
    let mut items = part(Some(hit.whole()));
    items.push(("captures".into(), captures));
    Value::map(items)
}

/// Functions with arguments.
pub fn of_values(name: &str, input: &Value, row: &[Value]) -> Option<Flow<Vec<Value>>> {
    let one = |value: Value| Some(Ok(vec![value]));
    let flags = row.get(1).cloned().unwrap_or(Value::Null);
    let found = |all: bool| matches(input, row.first().unwrap_or(&Value::Null), &flags, all);
    match (name, input, row) {
        ("test", _, [_] | [_, _]) => Some(found(false).map(|hits| vec![Value::Bool(!hits.is_empty())])),
        ("match", Value::Text(text), [_] | [_, _]) => {
            Some(found(false).map(|hits| hits.iter().map(|hit| described(text, hit)).collect()))
        }
        ("capture", Value::Text(text), [_] | [_, _]) => {
            Some(found(false).map(|hits| hits.iter().map(|hit| hit.named(text)).collect()))
        }
        ("scan", Value::Text(text), [_]) => Some(found(true).map(|hits| {
            let value = |(from, to): (usize, usize)| Value::text(&text[from..to]);
            let one = |hit: &Match| match hit.captures.len() {
                1 => value(hit.whole()),
                _ => Value::list(hit.captures.iter().skip(1).map(|group| group.map_or(Value::Null, value)).collect()),
            };
            hits.iter().map(one).collect()
        })),
        ("split" | "splits", Value::Text(text), [_, ..]) if row.len() == 2 || name == "splits" => {
            Some(found(true).map(|hits| {
                let (mut parts, mut done) = (Vec::new(), 0);
                for hit in &hits {
                    parts.push(Value::text(&text[done..hit.whole().0]));
                    done = hit.whole().1;
                }
                parts.push(Value::text(&text[done..]));
                if name == "splits" { parts } else { vec![Value::list(parts)] }
            }))
        }
        ("split", Value::Text(text), [Value::Text(separator)]) => one(split(text, separator)),
        ("split", _, [_]) => Some(error("split input and separator must be strings")),
        ("join", Value::List(items), [Value::Text(separator)]) => {
            let texts =
                items.iter().map(|item| if matches!(item, Value::Null) { String::new() } else { text_of(item) });
            one(Value::text(texts.collect::<Vec<_>>().join(separator)))
        }
        ("startswith", Value::Text(text), [Value::Text(part)]) => one(Value::Bool(text.starts_with(&**part))),
        ("endswith", Value::Text(text), [Value::Text(part)]) => one(Value::Bool(text.ends_with(&**part))),
        ("startswith" | "endswith", _, [_]) => Some(error(format!("{name}() requires string inputs"))),
        ("ltrimstr", Value::Text(text), [Value::Text(part)]) => {
            one(Value::text(text.strip_prefix(&**part).unwrap_or(text)))
        }
        ("rtrimstr", Value::Text(text), [Value::Text(part)]) => {
            one(Value::text(text.strip_suffix(&**part).unwrap_or(text)))
        }
        ("ltrimstr" | "rtrimstr", _, [_]) => one(input.clone()),
        ("index" | "rindex" | "indices", _, [part]) => one(positions(name, input, part)),
        ("strftime", _, [Value::Text(format)]) => match input {
            Value::Number(n) => one(Value::text(strftime(format, *n as i64))),
            other => Some(error(format!("{} not a valid time", named(other)))),
        },
        _ => None,
    }
}

fn positions(name: &str, input: &Value, part: &Value) -> Value {
    let all: Vec<Value> = match (input, part) {
        (Value::Text(text), Value::Text(part)) if !part.is_empty() => {
            let starts = text.char_indices().filter(|(at, _)| text[*at..].starts_with(&**part));
            starts.map(|(at, _)| Value::Number(at as f64)).collect()
        }
        (Value::List(items), part) => {
            let wanted = |at: &usize| match part {
                Value::List(parts) => !parts.is_empty() && items[*at..].starts_with(parts),
                other => items[*at] == *other,
            };
            (0..items.len()).filter(wanted).map(|at| Value::Number(at as f64)).collect()
        }
        _ => Vec::new(),
    };
    match name {
        "indices" => Value::list(all),
        "index" => all.into_iter().next().unwrap_or(Value::Null),
        _ => all.into_iter().next_back().unwrap_or(Value::Null),
    }
}

/// Functions without arguments; `None` for other names.
pub fn plain(name: &str, input: &Value) -> Option<Flow<Value>> {
    let on_text = |change: fn(&str) -> String| match input {
        Value::Text(text) => Ok(Value::text(change(text))),
        other => error(format!("{name} input must be a string, not {}", named(other))),
    };
    Some(match name {
        "ascii_downcase" => on_text(|text| text.to_ascii_lowercase()),
        "ascii_upcase" => on_text(|text| text.to_ascii_uppercase()),
        "explode" => match input {
            Value::Text(text) => Ok(Value::list(text.chars().map(|c| Value::Number(f64::from(c as u32))).collect())),
            other => error(format!("{} cannot be exploded", named(other))),
        },
        "implode" => match input {
            Value::List(items) => {
                let char = |item: &Value| match item {
                    Value::Number(n) => char::from_u32(*n as u32),
                    _ => None,
                };
                match items.iter().map(char).collect::<Option<String>>() {
                    Some(text) => Ok(Value::text(text)),
                    None => error("Unicode codepoint must be numeric"),
                }
            }
            other => error(format!("{} cannot be imploded", named(other))),
        },
        "todate" | "todateiso8601" => match input {
            Value::Number(n) => Ok(Value::text(strftime("%Y-%m-%dT%H:%M:%SZ", *n as i64))),
            other => error(format!("{} not a valid time", named(other))),
        },
        "fromdate" | "fromdateiso8601" => match input {
            Value::Text(text) => match crate::utilities::date::describe(text, UnixTime(0)) {
                Some(time) => Ok(Value::Number(time.seconds() as f64)),
                None => error(format!("date \"{text}\" does not match format \"%Y-%m-%dT%H:%M:%SZ\"")),
            },
            other => error(format!("{} cannot be parsed as a date", named(other))),
        },
        _ => return None,
    })
}
