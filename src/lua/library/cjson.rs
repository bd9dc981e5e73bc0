//! `cjson`: JSON.

use crate::number::{format_g, parse_prefix};
use crate::value::Value;
use crate::vm::{Args, Flow, Lua, Native};

type Res = Result<Flow, Value>;

/// Containers within each other at most, whatever a script sets.
const HARD_DEPTH: i64 = 2600;
/// Modules that `new` makes at most.
const MAX_MODULES: usize = 1000;

/// Settings of one module.
#[derive(Clone, Debug)]
pub struct Config {
    sparse_convert: bool,
    sparse_ratio: i64,
    sparse_safe: i64,
    encode_depth: i64,
    decode_depth: i64,
    /// 0: refused, 1: written as they are, 2: as null.
    encode_invalid: usize,
    decode_invalid: bool,
    keep_buffer: bool,
    precision: i64,
    array_meta: bool,
}

const FUNCTIONS: [(&str, Native); 11] = [
    ("encode", encode),
    ("decode", decode),
    ("decode_array_with_array_mt", |l, a| {
        one_argument(l, a, 1)?;
        switch(l, a, |c| &mut c.array_meta)
    }),
    ("encode_sparse_array", sparse_array),
    ("encode_max_depth", |l, a| {
        one_argument(l, a, 1)?;
        integer(l, a, 1, |c| &mut c.encode_depth, (1, i64::from(i32::MAX)))
    }),
    ("decode_max_depth", |l, a| {
        one_argument(l, a, 1)?;
        integer(l, a, 1, |c| &mut c.decode_depth, (1, i64::from(i32::MAX)))
    }),
    ("encode_number_precision", |l, a| {
        one_argument(l, a, 1)?;
        integer(l, a, 1, |c| &mut c.precision, (1, 14))
    }),
    ("encode_keep_buffer", |l, a| {
        one_argument(l, a, 1)?;
        switch(l, a, |c| &mut c.keep_buffer)
    }),
    ("encode_invalid_numbers", encode_invalid),
    ("decode_invalid_numbers", |l, a| {
        one_argument(l, a, 1)?;
        switch(l, a, |c| &mut c.decode_invalid)
    }),
    ("new", new),
];

pub fn open(lua: &mut Lua) {
    let module = module(lua);
    lua.set_field(lua.globals, "cjson", Value::Table(module));
}

fn module(lua: &mut Lua) -> u32 {
    let number = lua.json.len() as u32;
    lua.json.push(Config {
        sparse_convert: false,
        sparse_ratio: 2,
        sparse_safe: 10,
        encode_depth: 1000,
        decode_depth: 1000,
        encode_invalid: 0,
        decode_invalid: true,
        keep_buffer: true,
        precision: 14,
        array_meta: false,
    });
    let table = lua.heap.table(0, 16);
    for (name, run) in FUNCTIONS {
        let function = lua.native(run, number);
        lua.set_field(table, name, function);
    }
    lua.set_field(table, "null", Value::Light(0));
    for (name, text) in [("_NAME", "cjson"), ("_VERSION", "2.1.0")] {
        let value = lua.heap.string(text.as_bytes());
        lua.set_field(table, name, value);
    }
    table
}

fn new(lua: &mut Lua, _: Args) -> Res {
    if lua.json.len() >= MAX_MODULES {
        return Err(lua.no_memory());
    }
    let module = module(lua);
    lua.give(Value::Table(module));
    Ok(Flow::Done)
}

fn config(lua: &mut Lua, args: Args) -> &mut Config {
    let last = lua.json.len() - 1;
    &mut lua.json[last.min(args.data as usize)]
}

fn one_argument(lua: &mut Lua, args: Args, most: usize) -> Result<(), Value> {
    if args.count > most { Err(lua.argument_error(most + 1, "found too many arguments")) } else { Ok(()) }
}

/// The number of an option's word.
fn word(lua: &mut Lua, args: Args, options: &[&str]) -> Result<usize, Value> {
    let given = lua.check_bytes(args, 1)?;
    match options.iter().position(|o| o.as_bytes() == given) {
        Some(n) => Ok(n),
        None => {
            let text = format!("invalid option '{}'", String::from_utf8_lossy(&given));
            Err(lua.argument_error(1, &text))
        }
    }
}

fn switch(lua: &mut Lua, args: Args, field: fn(&mut Config) -> &mut bool) -> Res {
    let new = match lua.arg(args, 1) {
        Value::Nil => None,
        Value::Bool(b) => Some(b),
        _ => Some(word(lua, args, &["off", "on"])? == 1),
    };
    let setting = field(config(lua, args));
    *setting = new.unwrap_or(*setting);
    let value = Value::Bool(*setting);
    lua.give(value);
    Ok(Flow::Done)
}

fn integer(lua: &mut Lua, args: Args, n: usize, field: fn(&mut Config) -> &mut i64, range: (i64, i64)) -> Res {
    if !lua.arg(args, n).is_nil() {
        let value = lua.check_int(args, n)?;
        if !(range.0..=range.1).contains(&value) {
            let text = format!("expected integer between {} and {}", range.0, range.1);
            return Err(lua.argument_error(1, &text));
        }
        *field(config(lua, args)) = value;
    }
    let value = Value::Num(*field(config(lua, args)) as f64);
    lua.give(value);
    Ok(Flow::Done)
}

fn sparse_array(lua: &mut Lua, args: Args) -> Res {
    one_argument(lua, args, 3)?;
    switch(lua, args, |c| &mut c.sparse_convert)?;
    integer(lua, args, 2, |c| &mut c.sparse_ratio, (0, i64::from(i32::MAX)))?;
    integer(lua, args, 3, |c| &mut c.sparse_safe, (0, i64::from(i32::MAX)))
}

fn encode_invalid(lua: &mut Lua, args: Args) -> Res {
    one_argument(lua, args, 1)?;
    match lua.arg(args, 1) {
        Value::Nil => {}
        Value::Bool(b) => config(lua, args).encode_invalid = usize::from(b),
        _ => config(lua, args).encode_invalid = word(lua, args, &["off", "on", "null"])?,
    }
    match config(lua, args).encode_invalid {
        2 => lua.give_bytes(b"null"),
        n => lua.give(Value::Bool(n == 1)),
    }
    Ok(Flow::Done)
}

/// A container being written: the table, and what comes next.
struct Writing {
    table: u32,
    /// Length of an array, and its next index.
    array: Option<(usize, usize)>,
    /// Last key of an object.
    key: Value,
}

fn encode(lua: &mut Lua, args: Args) -> Res {
    if args.count != 1 {
        return Err(lua.argument_error(1, "expected 1 argument"));
    }
    let config = config(lua, args).clone();
    let mut out = Vec::new();
    let mut stack = Vec::new();
    write(lua, &config, &mut out, &mut stack, lua.arg(args, 1))?;
    while let Some(open) = stack.last_mut() {
        lua.budget -= 1;
        let next = match &mut open.array {
            Some((length, at)) => {
                *at += 1;
                if *at > *length {
                    out.push(b']');
                    stack.pop();
                    continue;
                }
                if *at > 1 {
                    out.push(b',');
                }
                lua.heap.tables.get(open.table).get_index(*at, &lua.heap.strings)
            }
            None => {
                let Ok(Some((key, value))) = lua.heap.tables.get(open.table).next(open.key, &lua.heap.strings) else {
                    out.push(b'}');
                    stack.pop();
                    continue;
                };
                if !open.key.is_nil() {
                    out.push(b',');
                }
                open.key = key;
                write_key(lua, &config, &mut out, key)?;
                value
            }
        };
        write(lua, &config, &mut out, &mut stack, next)?;
    }
    lua.afford(out.len())?;
    let out = lua.heap.owned_string(out);
    lua.give(out);
    Ok(Flow::Done)
}

fn refuse(lua: &mut Lua, value: Value, reason: &str) -> Value {
    lua.native_error(&format!("Cannot serialise {}: {reason}", value.type_name()))
}

fn write(
    lua: &mut Lua,
    config: &Config,
    out: &mut Vec<u8>,
    stack: &mut Vec<Writing>,
    value: Value,
) -> Result<(), Value> {
    match value {
        Value::Str(id) => write_string(out, &lua.heap.strings.get(id).bytes),
        Value::Num(n) => write_number(lua, config, out, n)?,
        Value::Bool(b) => out.extend_from_slice(if b { b"true" } else { b"false" }),
        Value::Nil | Value::Light(0) => out.extend_from_slice(b"null"),
        Value::Table(table) => {
            let depth = stack.len() as i64 + 1;
            if depth > config.encode_depth.min(HARD_DEPTH) {
                return Err(lua.native_error(&format!("Cannot serialise, excessive nesting ({depth})")));
            }
            let array = array_length(lua, config, table)?;
            out.push(if array.is_some() { b'[' } else { b'{' });
            stack.push(Writing { table, array: array.map(|n| (n, 0)), key: Value::Nil });
        }
        _ => return Err(refuse(lua, value, "type not supported")),
    }
    lua.fits(out.len())
}

/// The length of a table that is an array.
fn array_length(lua: &mut Lua, config: &Config, table: u32) -> Result<Option<usize>, Value> {
    if let Some(meta) = lua.metatable(Value::Table(table))
        && lua.field(meta, "__is_cjson_array").truthy()
    {
        return Ok(Some(lua.heap.tables.get(table).len(&lua.heap.strings)));
    }
    let (mut max, mut items, mut key) = (0f64, 0i64, Value::Nil);
    while let Ok(Some((next, value))) = lua.heap.tables.get(table).next(key, &lua.heap.strings) {
        match next {
            Value::Num(n) if n >= 1.0 && n == n.floor() => max = max.max(n),
            _ => return Ok(None),
        }
        lua.budget -= 1;
        items += 1;
        key = next;
        if !value.is_nil() && max > f64::from(i32::MAX) {
            return Ok(None);
        }
    }
    let max = max as i64;
    if config.sparse_ratio > 0 && max > items.saturating_mul(config.sparse_ratio) && max > config.sparse_safe {
        if !config.sparse_convert {
            return Err(refuse(lua, Value::Table(table), "excessively sparse array"));
        }
        return Ok(None);
    }
    lua.afford(max as usize)?;
    Ok((max > 0).then_some(max as usize))
}

fn write_key(lua: &mut Lua, config: &Config, out: &mut Vec<u8>, key: Value) -> Result<(), Value> {
    match key {
        Value::Num(n) => {
            out.push(b'"');
            write_number(lua, config, out, n)?;
            out.extend_from_slice(b"\":");
        }
        Value::Str(id) => {
            write_string(out, &lua.heap.strings.get(id).bytes);
            out.push(b':');
        }
        _ => return Err(refuse(lua, key, "table key must be a number or string")),
    }
    Ok(())
}

fn write_number(lua: &mut Lua, config: &Config, out: &mut Vec<u8>, n: f64) -> Result<(), Value> {
    if !n.is_finite() {
        match config.encode_invalid {
            0 => return Err(refuse(lua, Value::Num(n), "must not be NaN or Inf")),
            1 if n.is_nan() => {
                out.extend_from_slice(b"nan");
                return Ok(());
            }
            1 => {}
            _ => {
                out.extend_from_slice(b"null");
                return Ok(());
            }
        }
    }
    out.extend_from_slice(format_g(n, config.precision.clamp(1, 14) as usize, false).as_bytes());
    Ok(())
}

fn write_string(out: &mut Vec<u8>, text: &[u8]) {
    out.push(b'"');
    for c in text {
        match c {
            b'"' | b'\\' | b'/' => out.extend_from_slice(&[b'\\', *c]),
            8 => out.extend_from_slice(b"\\b"),
            9 => out.extend_from_slice(b"\\t"),
            10 => out.extend_from_slice(b"\\n"),
            12 => out.extend_from_slice(b"\\f"),
            13 => out.extend_from_slice(b"\\r"),
            0..=31 | 127 => out.extend_from_slice(format!("\\u{c:04x}").as_bytes()),
            other => out.push(*other),
        }
    }
    out.push(b'"');
}

/// A token of JSON.
#[derive(Clone, Debug, PartialEq)]
enum Token {
    Char(u8),
    Str(Vec<u8>),
    Num(f64),
    Bool(bool),
    Null,
    End,
    Bad(&'static str),
}

impl Token {
    fn name(&self) -> &'static str {
        match self {
            Token::Char(b'{') => "T_OBJ_BEGIN",
            Token::Char(b'}') => "T_OBJ_END",
            Token::Char(b'[') => "T_ARR_BEGIN",
            Token::Char(b']') => "T_ARR_END",
            Token::Char(b':') => "T_COLON",
            Token::Char(_) => "T_COMMA",
            Token::Str(_) => "T_STRING",
            Token::Num(_) => "T_NUMBER",
            Token::Bool(_) => "T_BOOLEAN",
            Token::Null => "T_NULL",
            Token::End => "T_END",
            Token::Bad(text) => text,
        }
    }
}

/// Reads JSON.
struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    /// Where the current token begins.
    start: usize,
    invalid_numbers: bool,
}

impl Reader<'_> {
    fn byte(&self, n: usize) -> u8 {
        self.text.get(self.at + n).copied().unwrap_or(0)
    }

    fn bad(&mut self, text: &'static str) -> Token {
        self.start = self.at;
        Token::Bad(text)
    }

    fn next(&mut self) -> Token {
        while matches!(self.byte(0), b' ' | b'\t' | b'\n' | b'\r') {
            self.at += 1;
        }
        self.start = self.at;
        let c = self.byte(0);
        let rest = self.text.get(self.at..).unwrap_or_default();
        match c {
            0 => Token::End,
            b'{' | b'}' | b'[' | b']' | b':' | b',' => {
                self.at += 1;
                Token::Char(c)
            }
            b'"' => self.string(),
            b'-' | b'0'..=b'9' => {
                if !self.invalid_numbers && self.is_invalid_number() {
                    self.bad("invalid number")
                } else {
                    self.number()
                }
            }
            b'f' | b'i' | b'I' | b'n' | b'N' | b't' | b'+' => {
                for (word, token) in [("true", Token::Bool(true)), ("false", Token::Bool(false)), ("null", Token::Null)]
                {
                    if rest.starts_with(word.as_bytes()) {
                        self.at += word.len();
                        return token;
                    }
                }
                if self.invalid_numbers && self.is_invalid_number() { self.number() } else { self.bad("invalid token") }
            }
            _ => self.bad("invalid token"),
        }
    }

    /// What `strtod` reads but JSON does not allow.
    fn is_invalid_number(&self) -> bool {
        let rest = self.text.get(self.at..).unwrap_or_default();
        if rest.first() == Some(&b'+') {
            return true;
        }
        let digits = rest.strip_prefix(b"-").unwrap_or(rest);
        let next = digits.get(1).copied().unwrap_or(0);
        match digits.first().copied().unwrap_or(0) {
            b'0' => matches!(next, b'x' | b'X' | b'0'..=b'9'),
            0..=b'9' => false,
            _ => digits.get(..3).is_some_and(|w| w.eq_ignore_ascii_case(b"inf") || w.eq_ignore_ascii_case(b"nan")),
        }
    }

    fn number(&mut self) -> Token {
        match parse_prefix(&self.text[self.at..]) {
            Some((n, length)) => {
                self.at += length;
                Token::Num(n)
            }
            None => self.bad("invalid number"),
        }
    }

    fn string(&mut self) -> Token {
        self.at += 1;
        let mut out = Vec::new();
        loop {
            let c = self.byte(0);
            match c {
                b'"' => {
                    self.at += 1;
                    return Token::Str(out);
                }
                0 => return self.bad("unexpected end of string"),
                b'\\' => {
                    let plain = match self.byte(1) {
                        c @ (b'"' | b'\\' | b'/') => c,
                        b'b' => 8,
                        b't' => 9,
                        b'n' => 10,
                        b'f' => 12,
                        b'r' => 13,
                        b'u' => {
                            let Some(length) = self.unicode(&mut out) else {
                                return self.bad("invalid unicode escape code");
                            };
                            self.at += length;
                            continue;
                        }
                        _ => return self.bad("invalid escape code"),
                    };
                    out.push(plain);
                    self.at += 2;
                }
                c => {
                    out.push(c);
                    self.at += 1;
                }
            }
        }
    }

    fn hex(&self, from: usize) -> Option<u32> {
        let digits = self.text.get(self.at + from..self.at + from + 4)?;
        digits.iter().try_fold(0, |n, c| Some(n * 16 + (*c as char).to_digit(16)?))
    }

    /// `\uXXXX`, perhaps two of them; its length.
    fn unicode(&self, out: &mut Vec<u8>) -> Option<usize> {
        let mut code = self.hex(2)?;
        let mut length = 6;
        if code & 0xf800 == 0xd800 {
            if code & 0x400 != 0 || self.byte(6) != b'\\' || self.byte(7) != b'u' {
                return None;
            }
            let low = self.hex(8)?;
            if low & 0xfc00 != 0xdc00 {
                return None;
            }
            code = ((code & 0x3ff) << 10 | low & 0x3ff) + 0x10000;
            length = 12;
        }
        let mut utf8 = [0; 4];
        out.extend_from_slice(char::from_u32(code)?.encode_utf8(&mut utf8).as_bytes());
        Some(length)
    }

    fn expected(&self, lua: &mut Lua, what: &str, found: &Token) -> Value {
        lua.native_error(&format!("Expected {what} but found {} at character {}", found.name(), self.start + 1))
    }

    /// The next key of an object, with its colon; `token` is the next token.
    fn key(&mut self, lua: &mut Lua, token: Token) -> Result<Value, Value> {
        let Token::Str(name) = token else { return Err(self.expected(lua, "object key string", &token)) };
        let key = lua.heap.owned_string(name);
        let colon = self.next();
        if colon != Token::Char(b':') {
            return Err(self.expected(lua, "colon", &colon));
        }
        Ok(key)
    }
}

/// A container being read.
struct Reading {
    table: u32,
    /// Items of an array; none for an object.
    count: Option<usize>,
    key: Value,
}

fn decode(lua: &mut Lua, args: Args) -> Res {
    if args.count != 1 {
        return Err(lua.argument_error(1, "expected 1 argument"));
    }
    let text = lua.check_bytes(args, 1)?;
    if text.len() >= 2 && (text[0] == 0 || text[1] == 0) {
        return Err(lua.native_error("JSON parser does not support UTF-16 or UTF-32"));
    }
    let config = config(lua, args).clone();
    let mut reader = Reader { text: &text, at: 0, start: 0, invalid_numbers: config.decode_invalid };
    let value = read(lua, &config, &mut reader)?;
    let end = reader.next();
    if end != Token::End {
        return Err(reader.expected(lua, "the end", &end));
    }
    lua.give(value);
    Ok(Flow::Done)
}

fn read(lua: &mut Lua, config: &Config, reader: &mut Reader<'_>) -> Result<Value, Value> {
    let mut stack: Vec<Reading> = Vec::new();
    let mut token = reader.next();
    loop {
        lua.afford(0)?;
        lua.budget -= 1;
        let mut done = match token {
            Token::Str(s) => lua.heap.owned_string(s),
            Token::Num(n) => Value::Num(n),
            Token::Bool(b) => Value::Bool(b),
            Token::Null => Value::Light(0),
            Token::Char(c @ (b'{' | b'[')) => {
                let depth = stack.len() as i64 + 1;
                if depth > config.decode_depth.min(HARD_DEPTH) {
                    let text = format!("Found too many nested data structures ({depth}) at character {}", reader.at);
                    return Err(lua.native_error(&text));
                }
                let table = new_container(lua, config, c == b'[');
                token = reader.next();
                if token == Token::Char(c + 2) {
                    Value::Table(table)
                } else {
                    let mut open = Reading { table, count: (c == b'[').then_some(0), key: Value::Nil };
                    if c == b'{' {
                        open.key = reader.key(lua, token)?;
                        token = reader.next();
                    }
                    stack.push(open);
                    continue;
                }
            }
            other => return Err(reader.expected(lua, "value", &other)),
        };
        loop {
            let Some(open) = stack.last_mut() else { return Ok(done) };
            let (key, close) = match &mut open.count {
                Some(n) => {
                    *n += 1;
                    (Value::Num(*n as f64), b']')
                }
                None => (open.key, b'}'),
            };
            lua.heap.set(open.table, key, done);
            let next = reader.next();
            if next == Token::Char(close) {
                done = Value::Table(open.table);
                stack.pop();
                continue;
            }
            if next != Token::Char(b',') {
                let what = if close == b']' { "comma or array end" } else { "comma or object end" };
                return Err(reader.expected(lua, what, &next));
            }
            token = reader.next();
            if close == b'}' {
                open.key = reader.key(lua, token)?;
                token = reader.next();
            }
            break;
        }
    }
}

fn new_container(lua: &mut Lua, config: &Config, array: bool) -> u32 {
    let table = lua.heap.table(0, 0);
    if array && config.array_meta {
        let meta = lua.heap.table(0, 1);
        lua.set_field(meta, "__is_cjson_array", Value::Bool(true));
        lua.heap.tables.get_mut(meta).readonly = true;
        lua.heap.tables.get_mut(table).meta = Some(meta);
    }
    table
}
