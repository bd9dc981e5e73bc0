//! `cjson`: JSON. The modules and their settings; writing is in `encode`, reading in `decode`.

mod decode;
mod encode;
mod reader;

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
    ("encode", encode::encode),
    ("decode", decode::decode),
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
