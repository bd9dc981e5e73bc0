//! JSON values: read and written as jq 1.6 does.

use std::cmp::Ordering;
use std::rc::Rc;

/// Lists and objects inside each other beyond this are refused, as jq does.
const DEEPEST: usize = 256;

/// A value. What is inside is shared: filters copy values all the time.
#[derive(Clone, Debug)]
pub enum Value {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A number.
    Number(f64),
    /// A string.
    Text(Rc<str>),
    /// An array.
    List(Rc<Vec<Value>>),
    /// An object, in the order in which its keys came.
    Map(Rc<Vec<(Rc<str>, Value)>>),
}

impl Value {
    /// A string.
    pub fn text(text: impl AsRef<str>) -> Value {
        Value::Text(text.as_ref().into())
    }

    /// An array.
    pub fn list(items: Vec<Value>) -> Value {
        Value::List(Rc::new(items))
    }

    /// An object.
    pub fn map(items: Vec<(Rc<str>, Value)>) -> Value {
        Value::Map(Rc::new(items))
    }

    /// The name of its type.
    pub fn kind(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(_) => "number",
            Value::Text(_) => "string",
            Value::List(_) => "array",
            Value::Map(_) => "object",
        }
    }

    /// False for `null` and `false` alone.
    pub fn is_true(&self) -> bool {
        !matches!(self, Value::Null | Value::Bool(false))
    }

    /// What an object has under a key.
    pub fn get(&self, key: &str) -> Option<&Value> {
        match self {
            Value::Map(items) => items.iter().find(|(k, _)| &**k == key).map(|(_, value)| value),
            _ => None,
        }
    }

    /// An object's items, sorted by key: how jq goes through them except when it prints.
    pub fn sorted(items: &[(Rc<str>, Value)]) -> Vec<(Rc<str>, Value)> {
        let mut items = items.to_vec();
        items.sort_by(|a, b| a.0.cmp(&b.0));
        items
    }

    fn rank(&self) -> u8 {
        match self {
            Value::Null => 0,
            Value::Bool(false) => 1,
            Value::Bool(true) => 2,
            Value::Number(_) => 3,
            Value::Text(_) => 4,
            Value::List(_) => 5,
            Value::Map(_) => 6,
        }
    }

    /// jq's order of all values.
    pub fn order(&self, other: &Value) -> Ordering {
        match (self, other) {
            (Value::Number(a), Value::Number(b)) => a.partial_cmp(b).unwrap_or(Ordering::Less),
            (Value::Text(a), Value::Text(b)) => a.cmp(b),
            (Value::List(a), Value::List(b)) => {
                let first = a.iter().zip(b.iter()).map(|(a, b)| a.order(b)).find(|order| order.is_ne());
                first.unwrap_or_else(|| a.len().cmp(&b.len()))
            }
            (Value::Map(a), Value::Map(b)) => {
                let (a, b) = (Value::sorted(a), Value::sorted(b));
                let keys = a.iter().map(|(key, _)| key).cmp(b.iter().map(|(key, _)| key));
                let values = || a.iter().zip(&b).map(|(a, b)| a.1.order(&b.1)).find(|order| order.is_ne());
                keys.then_with(|| values().unwrap_or(Ordering::Equal))
            }
            _ => self.rank().cmp(&other.rank()),
        }
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Value) -> bool {
        self.order(other).is_eq()
    }
}

/// How values are written.
#[derive(Clone, Copy, Default)]
pub struct Style {
    /// Spaces a level; none at all on one line.
    pub indent: Option<usize>,
    /// A tab a level.
    pub tab: bool,
    /// Keys sorted.
    pub sorted: bool,
    /// With colours.
    pub color: bool,
}

/// A number in seventeen digits, as short as it reads back.
pub fn number(n: f64) -> String {
    if n.is_nan() {
        return "null".into();
    }
    let n = n.clamp(f64::MIN, f64::MAX);
    let plain = format!("{n}");
    let exponent = if n == 0.0 { 0 } else { n.abs().log10().floor() as i32 };
    if (-4..17).contains(&exponent) {
        return plain;
    }
    let text = format!("{n:e}");
    match text.split_once('e') {
        Some((digits, power)) => {
            let power: i32 = power.parse().unwrap_or(0);
            format!("{digits}e{}{:02}", if power < 0 { '-' } else { '+' }, power.abs())
        }
        None => text,
    }
}

/// A string with quotes.
pub fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            c if (c as u32) < 32 || c == '\u{7f}' => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Writes a value.
pub fn write(value: &Value, style: Style) -> String {
    let mut out = String::new();
    Writer { style, out: &mut out }.value(value, 0);
    out
}

struct Writer<'a> {
    style: Style,
    out: &'a mut String,
}

const RESET: &str = "\x1b[0m";

impl Writer<'_> {
    fn color(&mut self, code: &str) {
        if self.style.color {
            self.out.push_str(code);
        }
    }

    fn line(&mut self, level: usize) {
        if let Some(indent) = self.style.indent {
            self.out.push('\n');
            self.out.push_str(&if self.style.tab { "\t".repeat(level) } else { " ".repeat(indent * level) });
        }
    }

    fn value(&mut self, value: &Value, level: usize) {
        let color = match value {
            Value::Null => "\x1b[1;30m",
            Value::Text(_) => "\x1b[0;32m",
            Value::List(_) | Value::Map(_) => "\x1b[1;39m",
            _ => "\x1b[0;39m",
        };
        self.color(color);
        match value {
            Value::Null => self.out.push_str("null"),
            Value::Bool(on) => self.out.push_str(if *on { "true" } else { "false" }),
            Value::Number(n) => self.out.push_str(&number(*n)),
            Value::Text(text) => self.out.push_str(&quoted(text)),
            Value::List(items) if items.is_empty() => self.out.push_str("[]"),
            Value::Map(items) if items.is_empty() => self.out.push_str("{}"),
            Value::List(items) => {
                self.out.push('[');
                for (at, item) in items.iter().enumerate() {
                    self.between(at, level);
                    self.value(item, level + 1);
                }
                self.color(color);
                self.line(level);
                self.color(color);
                self.out.push(']');
            }
            Value::Map(items) => self.map(items, level, color),
        }
        self.color(RESET);
    }

    fn map(&mut self, items: &[(Rc<str>, Value)], level: usize, color: &str) {
        self.out.push('{');
        self.color(RESET);
        let items = if self.style.sorted { Value::sorted(items) } else { items.to_vec() };
        for (at, (key, item)) in items.iter().enumerate() {
            if at > 0 {
                self.color(color);
            }
            self.between(at, level);
            self.color(RESET);
            self.color("\x1b[34;1m");
            self.out.push_str(&quoted(key));
            self.color(RESET);
            self.color(color);
            self.out.push(':');
            if self.style.indent.is_some() {
                self.out.push(' ');
            }
            self.color(RESET);
            self.value(item, level + 1);
        }
        self.color(color);
        self.line(level);
        self.color(color);
        self.out.push('}');
    }

    fn between(&mut self, at: usize, level: usize) {
        if at > 0 {
            self.out.push(',');
        }
        self.line(level + 1);
    }
}

/// Reads one value after the other.
pub struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    /// Values of a text.
    pub fn new(text: &'a str) -> Reader<'a> {
        Reader { text, at: 0 }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn blanks(&mut self) {
        while self.peek().is_some_and(|b| b.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    fn wrong(&self, what: &str) -> String {
        let read = &self.text[..self.text.floor_char_boundary(self.at)];
        let column = read.len() - read.rfind('\n').map_or(0, |at| at + 1);
        format!("{what} at line {}, column {column}", read.matches('\n').count() + 1)
    }

    /// Where the text ends in the middle of a value.
    fn unfinished(&mut self) -> String {
        self.at = self.text.len();
        self.wrong("Unfinished JSON term at EOF")
    }

    /// The line that it has come to, from 1.
    pub fn line(&self) -> usize {
        self.text[..self.at.min(self.text.len())].matches('\n').count() + 1
    }

    /// The next value, if there is one.
    pub fn next(&mut self) -> Option<Result<Value, String>> {
        self.blanks();
        self.peek()?;
        Some(self.value(0))
    }

    fn value(&mut self, depth: usize) -> Result<Value, String> {
        self.blanks();
        if depth > DEEPEST {
            return Err(self.wrong("Exceeds depth limit for parsing"));
        }
        match self.peek() {
            None => Err(self.unfinished()),
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'"') => self.string().map(Value::text),
            Some(_) => self.word(),
        }
    }

    fn word(&mut self) -> Result<Value, String> {
        let rest = &self.text[self.at..];
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "+-.".contains(c))).unwrap_or(rest.len());
        let word = &rest[..end];
        self.at += end;
        match word {
            "null" => Ok(Value::Null),
            "true" => Ok(Value::Bool(true)),
            "false" => Ok(Value::Bool(false)),
            "nan" => Ok(Value::Number(f64::NAN)),
            "" => {
                self.at += 1;
                Err(self.wrong("Expected JSON value"))
            }
            word if word.starts_with(|c: char| c.is_ascii_digit() || c == '-') => {
                word.parse().map(Value::Number).map_err(|_| self.after("Invalid numeric literal"))
            }
            word if word.starts_with(['t', 'f', 'n']) => Err(self.after("Invalid literal")),
            _ => Err(self.after("Invalid numeric literal")),
        }
    }

    /// jq notices a wrong word at what ends it.
    fn after(&mut self, what: &str) -> String {
        let newline = self.peek() == Some(b'\n');
        self.at += 1;
        let column = usize::from(!newline);
        self.at = self.at.min(self.text.len());
        let text = self.wrong(what);
        if newline { text } else { text.replace("column 0", &format!("column {column}")) }
    }

    fn array(&mut self, depth: usize) -> Result<Value, String> {
        self.at += 1;
        let mut items = Vec::new();
        self.blanks();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Value::list(items));
        }
        loop {
            self.blanks();
            if self.peek() == Some(b']') {
                self.at += 1;
                return Err(self.wrong("Expected another array element"));
            }
            items.push(self.value(depth + 1)?);
            self.blanks();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(Value::list(items));
                }
                None => return Err(self.unfinished()),
                Some(_) => {
                    self.at += 1;
                    return Err(self.wrong("Expected separator between values"));
                }
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value, String> {
        self.at += 1;
        let mut items: Vec<(Rc<str>, Value)> = Vec::new();
        self.blanks();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Value::map(items));
        }
        loop {
            self.blanks();
            match self.peek() {
                Some(b'"') => {}
                None => return Err(self.unfinished()),
                Some(c) if c.is_ascii_alphanumeric() || c == b'-' => {
                    self.word()?;
                    return Err(self.wrong("Object keys must be strings"));
                }
                Some(_) => {
                    self.at += 1;
                    return Err(self.wrong("Object keys must be strings"));
                }
            }
            let key: Rc<str> = self.string()?.into();
            self.blanks();
            match self.peek() {
                Some(b':') => self.at += 1,
                None => return Err(self.unfinished()),
                Some(_) => return Err(self.wrong("Objects must consist of key:value pairs")),
            }
            let value = self.value(depth + 1)?;
            match items.iter_mut().find(|(k, _)| *k == key) {
                Some((_, old)) => *old = value,
                None => items.push((key, value)),
            }
            self.blanks();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(Value::map(items));
                }
                None => return Err(self.unfinished()),
                Some(_) => return Err(self.wrong("Expected separator between values")),
            }
        }
    }

    fn string(&mut self) -> Result<String, String> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let rest = &self.text[self.at..];
            let end = rest.find(['"', '\\']).ok_or_else(|| "Unfinished string".to_string());
            let Ok(end) = end else { return Err(self.unfinished()) };
            out.push_str(&rest[..end]);
            self.at += end + 1;
            if rest.as_bytes().get(end) == Some(&b'"') {
                return Ok(out);
            }
            let escaped = self.peek();
            self.at += 1;
            match escaped {
                Some(b'n') => out.push('\n'),
                Some(b't') => out.push('\t'),
                Some(b'r') => out.push('\r'),
                Some(b'b') => out.push('\u{8}'),
                Some(b'f') => out.push('\u{c}'),
                Some(b'u') => out.push(self.unicode()?),
                Some(c @ (b'"' | b'\\' | b'/')) => out.push(char::from(c)),
                _ => return Err(self.wrong("Invalid escape")),
            }
        }
    }

    fn unicode(&mut self) -> Result<char, String> {
        let mut unit = || {
            let digits = self.text.get(self.at..self.at + 4)?;
            self.at += 4;
            u32::from_str_radix(digits, 16).ok()
        };
        let first = unit();
        let Some(first) = first else { return Err(self.wrong("Invalid escape")) };
        if (0xd800..0xdc00).contains(&first) && self.text[self.at..].starts_with("\\u") {
            self.at += 2;
            let mut unit = || {
                let digits = self.text.get(self.at..self.at + 4)?;
                self.at += 4;
                u32::from_str_radix(digits, 16).ok()
            };
            let second = unit().unwrap_or(0);
            let code = 0x10000 + ((first - 0xd800) << 10) + (second.wrapping_sub(0xdc00) & 0x3ff);
            return Ok(char::from_u32(code).unwrap_or('\u{fffd}'));
        }
        Ok(char::from_u32(first).unwrap_or('\u{fffd}'))
    }
}
