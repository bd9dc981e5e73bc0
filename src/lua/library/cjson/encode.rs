//! Lua to JSON.

use super::{Config, HARD_DEPTH, Res, config};
use crate::number::push_g;
use crate::value::Value;
use crate::vm::{Args, Flow, Lua};

/// A container being written: the table, and what comes next.
struct Writing {
    table: u32,
    /// Length of an array, and its next index.
    array: Option<(usize, usize)>,
    /// Last key of an object.
    key: Value,
}

/// `cjson.encode`.
pub fn encode(lua: &mut Lua, args: Args) -> Res {
    if args.count != 1 {
        return Err(lua.argument_error(1, "expected 1 argument"));
    }
    let config = config(lua, args).clone();
    let mut out = lua.take_buffer();
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
    lua.give_buffer(out)?;
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
    push_g(out, n, config.precision.clamp(1, 14) as usize);
    Ok(())
}

fn write_string(out: &mut Vec<u8>, text: &[u8]) {
    out.push(b'"');
    let mut rest = text;
    while let Some(at) = rest.iter().position(|c| matches!(c, 0..=31 | 127 | b'"' | b'\\' | b'/')) {
        out.extend_from_slice(&rest[..at]);
        let c = &rest[at];
        rest = &rest[at + 1..];
        match c {
            b'"' | b'\\' | b'/' => out.extend_from_slice(&[b'\\', *c]),
            8 => out.extend_from_slice(b"\\b"),
            9 => out.extend_from_slice(b"\\t"),
            10 => out.extend_from_slice(b"\\n"),
            12 => out.extend_from_slice(b"\\f"),
            13 => out.extend_from_slice(b"\\r"),
            _ => out.extend_from_slice(format!("\\u{c:04x}").as_bytes()),
        }
    }
    out.extend_from_slice(rest);
    out.push(b'"');
}
