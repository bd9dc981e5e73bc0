//! JSON to Lua.

use super::reader::{Reader, Token};
use super::{Config, HARD_DEPTH, Res, config};
use crate::value::Value;
use crate::vm::{Args, Flow, Lua};

/// A container being read.
struct Reading {
    table: u32,
    /// Items of an array; none for an object.
    count: Option<usize>,
    key: Value,
}

/// `cjson.decode`.
pub fn decode(lua: &mut Lua, args: Args) -> Res {
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
