//! `table`

use crate::value::Value;
use crate::vm::{Args, Flow, Lua, Native};
use std::cmp::Ordering;

type Res = Result<Flow, Value>;

const FUNCTIONS: [(&str, Native); 6] =
    [("concat", concat), ("getn", getn), ("insert", insert), ("maxn", maxn), ("remove", remove), ("setn", setn)];

/// Indices below one that `insert` still moves.
const FAR_BELOW: i64 = 1 << 16;

pub fn open(lua: &mut Lua) {
    let table = lua.library("table", &FUNCTIONS);
    let next = lua.field(lua.globals, "next");
    for name in ["foreach", "foreachi"] {
        let part = lua.prelude(name, &[next]);
        let pin = lua.pin(part) as u32;
        let function = lua.native(foreach, pin);
        lua.set_field(table, name, function);
    }
    let floor = lua.native(floor, 0);
    let fail = lua.native(sort_failed, 0);
    let part = lua.prelude("sort", &[floor, fail]);
    let less = lua.prelude("less", &[]);
    let (part, less) = (lua.pin(part) as u32, lua.pin(less) as u32);
    let sort = lua.native(sort, part | less << 16);
    lua.set_field(table, "sort", sort);
}

fn floor(lua: &mut Lua, args: Args) -> Res {
    let n = lua.check_number(args, 1)?.floor();
    lua.give(Value::Num(n));
    Ok(Flow::Done)
}

fn sort_failed(lua: &mut Lua, args: Args) -> Res {
    let text = lua.check_bytes(args, 1)?;
    Err(lua.native_error_bytes(&text))
}

/// The length of a table argument.
fn length(lua: &Lua, table: u32) -> usize {
    lua.heap.tables.get(table).len(&lua.heap.strings)
}

fn at(lua: &Lua, table: u32, n: i64) -> Value {
    lua.heap.get(table, Value::Num(n as f64))
}

fn put(lua: &mut Lua, table: u32, n: i64, value: Value) {
    lua.heap.set(table, Value::Num(n as f64), value);
}

fn foreach(lua: &mut Lua, args: Args) -> Res {
    lua.check_table(args, 1)?;
    lua.check_function(args, 2)?;
    lua.give_args(args, 0);
    Ok(Flow::Call(lua.pinned(args.data as usize)))
}

fn getn(lua: &mut Lua, args: Args) -> Res {
    let table = lua.check_table(args, 1)?;
    lua.give(Value::Num(length(lua, table) as f64));
    Ok(Flow::Done)
}

fn setn(lua: &mut Lua, args: Args) -> Res {
    lua.check_table(args, 1)?;
    Err(lua.native_error("'setn' is obsolete"))
}

fn maxn(lua: &mut Lua, args: Args) -> Res {
    let table = lua.check_table(args, 1)?;
    let (mut key, mut max) = (Value::Nil, 0.0);
    while let Ok(Some((next, _))) = lua.heap.tables.get(table).next(key, &lua.heap.strings) {
        if let Value::Num(n) = next
            && n > max
        {
            max = n;
        }
        lua.budget -= 1;
        key = next;
    }
    lua.give(Value::Num(max));
    Ok(Flow::Done)
}

fn insert(lua: &mut Lua, args: Args) -> Res {
    let table = lua.check_table(args, 1)?;
    let end = length(lua, table) as i64 + 1;
    let (place, value) = match args.count {
        2 => (end, lua.arg(args, 2)),
        3 => {
            let place = lua.check_int(args, 2)? as i32 as i64;
            let end = end.max(place);
            if end - place > 0 {
                lua.check_writable(table)?;
                lua.budget -= (end - place) / 4;
            }
            // A place far below the rest would keep this busy for long: nothing is there to be moved.
            let low = place.max(-FAR_BELOW);
            for n in (low + 1..=end).rev() {
                let moved = at(lua, table, n - 1);
                put(lua, table, n, moved);
            }
            lua.fits(0)?;
            (place, lua.arg(args, 3))
        }
        _ => return Err(lua.native_error("wrong number of arguments to 'insert'")),
    };
    lua.check_writable(table)?;
    put(lua, table, place, value);
    Ok(Flow::Done)
}

fn remove(lua: &mut Lua, args: Args) -> Res {
    let table = lua.check_table(args, 1)?;
    let end = length(lua, table) as i64;
    let place = lua.opt_int(args, 2, end)? as i32 as i64;
    if !(1..=end).contains(&place) {
        return Ok(Flow::Done);
    }
    let removed = at(lua, table, place);
    lua.check_writable(table)?;
    lua.budget -= (end - place) / 4;
    for n in place..end {
        let moved = at(lua, table, n + 1);
        put(lua, table, n, moved);
    }
    put(lua, table, end, Value::Nil);
    lua.give(removed);
    Ok(Flow::Done)
}

fn concat(lua: &mut Lua, args: Args) -> Res {
    let table = lua.check_table(args, 1)?;
    let separator = if lua.arg(args, 2).is_nil() { None } else { Some(lua.check_string(args, 2)?) };
    let from = lua.opt_int(args, 3, 1)? as i32 as i64;
    let to = if lua.arg(args, 4).is_nil() { length(lua, table) as i64 } else { lua.check_int(args, 4)? as i32 as i64 };
    let mut out = lua.take_buffer();
    let mut room = 0;
    for n in from..=to {
        let value = at(lua, table, n);
        if !lua.push_text(&mut out, value) {
            let text = format!("invalid value ({}) at index {n} in table for 'concat'", value.type_name());
            return Err(lua.native_error(&text));
        }
        if let Some(separator) = separator
            && n < to
        {
            out.extend_from_slice(&lua.heap.strings.get(separator).bytes);
        }
        if out.len() > room {
            lua.afford(out.len())?;
            room = out.len() * 2;
        }
    }
    let out = lua.keep_buffer(out);
    lua.give(out);
    Ok(Flow::Done)
}

fn sort(lua: &mut Lua, args: Args) -> Res {
    let table = lua.check_table(args, 1)?;
    let n = length(lua, table);
    let mut order = lua.arg(args, 2);
    if !order.is_nil() {
        lua.check_function(args, 2)?;
    } else {
        let values: Vec<Value> = (1..=n as i64).map(|k| at(lua, table, k)).collect();
        let simple = values.iter().all(|v| matches!(v, Value::Num(n) if !n.is_nan()))
            || values.iter().all(|v| matches!(v, Value::Str(_)));
        if simple {
            return sort_simple(lua, table, values);
        }
        order = lua.pinned((args.data >> 16) as usize);
    }
    lua.give(Value::Table(table));
    lua.give(Value::Num(1.0));
    lua.give(Value::Num(n as f64));
    lua.give(order);
    Ok(Flow::Call(lua.pinned((args.data & 0xffff) as usize)))
}

/// All numbers or all strings: equal ones cannot be told apart, so that any way of sorting does.
fn sort_simple(lua: &mut Lua, table: u32, mut values: Vec<Value>) -> Res {
    if values.len() > 1 {
        lua.check_writable(table)?;
    }
    lua.budget -= values.len() as i64 * 4;
    values.sort_by(|a, b| match lua.raw_less(*a, *b) {
        Some(true) => Ordering::Less,
        _ if lua.raw_less(*b, *a) == Some(true) => Ordering::Greater,
        _ => Ordering::Equal,
    });
    for (n, value) in values.into_iter().enumerate() {
        put(lua, table, n as i64 + 1, value);
    }
    Ok(Flow::Done)
}
