//! The basic functions.

use crate::number::show_number;
use crate::value::{User, Value};
use crate::vm::{Args, Flow, Lua, Native, Protect};

type Res = Result<Flow, Value>;

const FUNCTIONS: [(&str, Native); 23] = [
    ("assert", assert),
    ("collectgarbage", collectgarbage),
    ("error", error),
    ("gcinfo", gcinfo),
    ("getfenv", getfenv),
    ("getmetatable", getmetatable),
    ("ipairs", ipairs),
    ("loadstring", loadstring),
    ("newproxy", newproxy),
    ("next", next),
    ("pairs", pairs),
    ("pcall", pcall),
    ("rawequal", rawequal),
    ("rawget", rawget),
    ("rawset", rawset),
    ("select", select),
    ("setfenv", setfenv),
    ("setmetatable", setmetatable),
    ("tonumber", tonumber),
    ("tostring", tostring),
    ("type", type_of),
    ("unpack", unpack),
    ("xpcall", xpcall),
];

pub fn open(lua: &mut Lua) {
    let globals = lua.globals;
    lua.set_field(globals, "_G", Value::Table(globals));
    let version = lua.heap.string(b"Lua 5.1");
    lua.set_field(globals, "_VERSION", version);
    lua.register(globals, &FUNCTIONS);
    let pcall = lua.field(globals, "pcall");
    let gather = lua.native(gather, 0);
    let loader = lua.prelude("load", &[pcall, gather]);
    let pin = lua.pin(loader) as u32;
    let load = lua.native(load, pin);
    lua.set_field(globals, "load", load);
    let step = lua.native(ipairs_step, 0);
    lua.ipairs_step = step;
    lua.next_entry = lua.field(globals, "next");
}

impl Lua {
    /// Redis's `pcall`: of an error table it gives the text.
    pub fn use_text_pcall(&mut self) {
        let function = self.native(pcall_text, 0);
        self.set_field(self.globals, "pcall", function);
    }
}

fn assert(lua: &mut Lua, args: Args) -> Res {
    if lua.check_any(args, 1)?.truthy() {
        lua.give_args(args, 0);
        return Ok(Flow::Done);
    }
    if lua.arg(args, 2).is_nil() {
        return Err(lua.native_error("assertion failed!"));
    }
    let text = lua.check_bytes(args, 2)?;
    let end = text.iter().position(|c| *c == 0).unwrap_or(text.len());
    Err(lua.native_error_bytes(&text[..end]))
}

fn collectgarbage(lua: &mut Lua, args: Args) -> Res {
    const OPTIONS: [&str; 7] = ["stop", "restart", "collect", "count", "step", "setpause", "setstepmul"];
    let option = if lua.arg(args, 1).is_nil() { b"collect".to_vec() } else { lua.check_bytes(args, 1)? };
    if !OPTIONS.iter().any(|o| o.as_bytes() == option) {
        let text = format!("invalid option '{}'", String::from_utf8_lossy(&option));
        return Err(lua.argument_error(1, &text));
    }
    lua.opt_int(args, 2, 0)?;
    let result = match option.as_slice() {
        b"count" => Value::Num(lua.memory() as f64 / 1024.0),
        b"step" => Value::Bool(true),
        b"collect" => {
            // At the next chance: natives don't collect while they run.
            lua.heap.threshold = 0;
            Value::Num(0.0)
        }
        _ => Value::Num(0.0),
    };
    lua.give(result);
    Ok(Flow::Done)
}

fn gcinfo(lua: &mut Lua, _: Args) -> Res {
    lua.give(Value::Num((lua.memory() / 1024) as f64));
    Ok(Flow::Done)
}

fn error(lua: &mut Lua, args: Args) -> Res {
    let level = lua.opt_int(args, 2, 1)?;
    let value = lua.arg(args, 1);
    if let Value::Str(_) | Value::Num(_) = value
        && level > 0
    {
        let mut text = lua.where_level(level as usize);
        lua.push_text(&mut text, value);
        return Err(lua.heap.owned_string(text));
    }
    Err(value)
}

fn getmetatable(lua: &mut Lua, args: Args) -> Res {
    let value = lua.check_any(args, 1)?;
    let result = match lua.metatable(value) {
        None => Value::Nil,
        Some(meta) => match lua.heap.get(meta, lua.names.metatable) {
            Value::Nil => Value::Table(meta),
            other => other,
        },
    };
    lua.give(result);
    Ok(Flow::Done)
}

fn setmetatable(lua: &mut Lua, args: Args) -> Res {
    let table = lua.check_table(args, 1)?;
    let meta = match lua.arg(args, 2) {
        Value::Nil if args.count >= 2 => None,
        Value::Table(meta) => Some(meta),
        _ => return Err(lua.argument_error(2, "nil or table expected")),
    };
    if !lua.metamethod(Value::Table(table), lua.names.metatable).is_nil() {
        return Err(lua.native_error("cannot change a protected metatable"));
    }
    lua.check_writable(table)?;
    lua.heap.tables.get_mut(table).meta = meta;
    lua.give(Value::Table(table));
    Ok(Flow::Done)
}

/// The function that an argument of `getfenv` and `setfenv` means, where it is one written in Lua.
fn environment_owner(lua: &mut Lua, args: Args, default: bool) -> Result<Option<u32>, Value> {
    match lua.arg(args, 1) {
        Value::Func(id) => return Ok(Some(id)),
        Value::Native(_) => return Ok(None),
        _ => {}
    }
    let level = if default { lua.opt_int(args, 1, 1)? } else { lua.check_int(args, 1)? };
    if level < 0 {
        return Err(lua.argument_error(1, "level must be non-negative"));
    }
    if level == 0 {
        return Ok(None);
    }
    match lua.function_at(level as usize) {
        Some(id) => Ok(id),
        None => Err(lua.argument_error(1, "invalid level")),
    }
}

fn getfenv(lua: &mut Lua, args: Args) -> Res {
    let env = match environment_owner(lua, args, true)? {
        Some(id) => lua.heap.closures.get(id).env,
        None => lua.globals,
    };
    lua.give(Value::Table(env));
    Ok(Flow::Done)
}

fn setfenv(lua: &mut Lua, args: Args) -> Res {
    let env = lua.check_table(args, 2)?;
    match environment_owner(lua, args, false)? {
        Some(id) => {
            lua.heap.closures.get_mut(id).env = env;
            lua.give(Value::Func(id));
            Ok(Flow::Done)
        }
        None => Err(lua.native_error("'setfenv' cannot change environment of given object")),
    }
}

fn ipairs(lua: &mut Lua, args: Args) -> Res {
    let table = lua.check_table(args, 1)?;
    lua.give(lua.ipairs_step);
    lua.give(Value::Table(table));
    lua.give(Value::Num(0.0));
    Ok(Flow::Done)
}

fn ipairs_step(lua: &mut Lua, args: Args) -> Res {
    let table = lua.check_table(args, 1)?;
    let n = (lua.check_int(args, 2)? as i32).wrapping_add(1);
    let value = lua.heap.get(table, Value::Num(f64::from(n)));
    if value.is_nil() {
        lua.give(Value::Nil);
    } else {
        lua.give(Value::Num(f64::from(n)));
        lua.give(value);
    }
    Ok(Flow::Done)
}

fn pairs(lua: &mut Lua, args: Args) -> Res {
    let table = lua.check_table(args, 1)?;
    lua.give(lua.next_entry);
    lua.give(Value::Table(table));
    lua.give(Value::Nil);
    Ok(Flow::Done)
}

fn next(lua: &mut Lua, args: Args) -> Res {
    let table = lua.check_table(args, 1)?;
    let key = lua.arg(args, 2);
    match lua.heap.tables.get(table).next(key, &lua.heap.strings) {
        Ok(Some((key, value))) => {
            lua.give(key);
            lua.give(value);
            Ok(Flow::Done)
        }
        Ok(None) => {
            lua.give(Value::Nil);
            Ok(Flow::Done)
        }
        Err(()) => Err(lua.runtime_error("invalid key to 'next'")),
    }
}

fn pcall(lua: &mut Lua, args: Args) -> Res {
    let function = lua.check_any(args, 1)?;
    lua.give_args(args, 1);
    Ok(Flow::Protect(function, Protect::Plain))
}

fn pcall_text(lua: &mut Lua, args: Args) -> Res {
    let function = lua.arg(args, 1);
    lua.give_args(args, 1);
    Ok(Flow::Protect(function, Protect::Text))
}

fn xpcall(lua: &mut Lua, args: Args) -> Res {
    if args.count < 2 {
        return Err(lua.argument_error(2, "value expected"));
    }
    let handler = lua.arg(args, 2);
    Ok(Flow::Protect(lua.arg(args, 1), Protect::Handler(handler)))
}

fn rawequal(lua: &mut Lua, args: Args) -> Res {
    let (x, y) = (lua.check_any(args, 1)?, lua.check_any(args, 2)?);
    lua.give(Value::Bool(lua.heap.raw_equal(x, y)));
    Ok(Flow::Done)
}

fn rawget(lua: &mut Lua, args: Args) -> Res {
    let table = lua.check_table(args, 1)?;
    let key = lua.check_any(args, 2)?;
    lua.give(lua.heap.get(table, key));
    Ok(Flow::Done)
}

fn rawset(lua: &mut Lua, args: Args) -> Res {
    let table = lua.check_table(args, 1)?;
    let (key, value) = (lua.check_any(args, 2)?, lua.check_any(args, 3)?);
    lua.check_writable(table)?;
    lua.set_checked(table, key, value)?;
    lua.give(Value::Table(table));
    Ok(Flow::Done)
}

fn select(lua: &mut Lua, args: Args) -> Res {
    if lua.heap.bytes_of(lua.arg(args, 1)).is_some_and(|s| s.first() == Some(&b'#')) {
        lua.give(Value::Num((args.count - 1) as f64));
        return Ok(Flow::Done);
    }
    let n = lua.check_int(args, 1)? as i32 as i64;
    let count = args.count as i64;
    let from = if n < 0 { count + n } else { n.min(count) };
    if from < 1 {
        return Err(lua.argument_error(1, "index out of range"));
    }
    lua.give_args(args, from as usize);
    Ok(Flow::Done)
}

fn tonumber(lua: &mut Lua, args: Args) -> Res {
    let base = lua.opt_int(args, 2, 10)?;
    if base == 10 {
        let value = lua.check_any(args, 1)?;
        let result = lua.to_number(value).map_or(Value::Nil, Value::Num);
        lua.give(result);
        return Ok(Flow::Done);
    }
    let text = lua.check_bytes(args, 1)?;
    if !(2..=36).contains(&base) {
        return Err(lua.argument_error(2, "base out of range"));
    }
    let result = parse_base(&text, base as u32).map_or(Value::Nil, Value::Num);
    lua.give(result);
    Ok(Flow::Done)
}

/// As `strtoul` reads it.
fn parse_base(text: &[u8], base: u32) -> Option<f64> {
    let text = std::str::from_utf8(text).ok()?.trim();
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let digits = match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        Some(rest) if base == 16 => rest,
        _ => digits,
    };
    if digits.is_empty() {
        return None;
    }
    let mut value = 0u64;
    for c in digits.chars() {
        let digit = u64::from(c.to_digit(base)?);
        value = value.saturating_mul(u64::from(base)).saturating_add(digit);
    }
    Some(if negative { value.wrapping_neg() as f64 } else { value as f64 })
}

/// What `tostring` gives for what is neither a string nor a number: the kind, and a made-up address.
pub fn describe(value: Value) -> String {
    let (kind, id) = match value {
        Value::Nil => return "nil".into(),
        Value::Bool(b) => return b.to_string(),
        Value::Num(n) => return show_number(n),
        Value::Str(id) => ("string", id),
        Value::Table(id) => ("table", id),
        Value::Func(id) => ("function", id),
        Value::Native(id) => return format!("function: builtin: 0x{:012x}", 0x5600_0000_0000u64 + u64::from(id) * 16),
        Value::Thread(id) => ("thread", id),
        Value::User(id) => ("userdata", id),
        Value::Light(0) => return "userdata: NULL".into(),
        Value::Light(id) => ("userdata", id),
    };
    format!("{kind}: 0x{:012x}", 0x7f00_0000_0000u64 + u64::from(id) * 64)
}

fn tostring(lua: &mut Lua, args: Args) -> Res {
    let value = lua.check_any(args, 1)?;
    let handler = lua.metamethod(value, lua.names.tostring);
    if !handler.is_nil() {
        lua.give(value);
        return Ok(Flow::Call(handler));
    }
    let result = match value {
        Value::Str(_) => value,
        other => lua.heap.string(describe(other).as_bytes()),
    };
    lua.give(result);
    Ok(Flow::Done)
}

fn type_of(lua: &mut Lua, args: Args) -> Res {
    let name = lua.check_any(args, 1)?.type_name();
    lua.give_bytes(name.as_bytes());
    Ok(Flow::Done)
}

/// Values that a function can have at most, its arguments among them.
const MAX_VALUES: i64 = 8000;

fn unpack(lua: &mut Lua, args: Args) -> Res {
    let table = lua.check_table(args, 1)?;
    let from = lua.opt_int(args, 2, 1)? as i32 as i64;
    let length = lua.heap.tables.get(table).len(&lua.heap.strings);
    let to = lua.opt_int(args, 3, length as i64)? as i32 as i64;
    if from > to {
        return Ok(Flow::Done);
    }
    if to - from + 1 > MAX_VALUES - args.count as i64 {
        return Err(lua.native_error("too many results to unpack"));
    }
    for n in from..=to {
        let value = lua.heap.get(table, Value::Num(n as f64));
        lua.give(value);
    }
    Ok(Flow::Done)
}

fn loaded(lua: &mut Lua, text: &[u8], name: &[u8]) -> Res {
    lua.afford(text.len().saturating_mul(4))?;
    match lua.load(text, name) {
        Ok(function) => lua.give(function),
        Err(message) => {
            lua.give(Value::Nil);
            lua.give_bytes(&message);
        }
    }
    Ok(Flow::Done)
}

fn loadstring(lua: &mut Lua, args: Args) -> Res {
    let text = lua.check_bytes(args, 1)?;
    let name = if lua.arg(args, 2).is_nil() { text.clone() } else { lua.check_bytes(args, 2)? };
    loaded(lua, &text, &name)
}

fn load(lua: &mut Lua, args: Args) -> Res {
    let function = lua.check_function(args, 1)?;
    let name = if lua.arg(args, 2).is_nil() { b"=(load)".to_vec() } else { lua.check_bytes(args, 2)? };
    lua.give(function);
    lua.give_bytes(&name);
    Ok(Flow::Call(lua.pinned(args.data as usize)))
}

/// Compiles the pieces that `load` got.
fn gather(lua: &mut Lua, args: Args) -> Res {
    let table = lua.check_table(args, 1)?;
    let name = lua.check_bytes(args, 2)?;
    let mut text = Vec::new();
    for n in 1.. {
        let piece = lua.heap.tables.get(table).get_index(n, &lua.heap.strings);
        if piece.is_nil() {
            break;
        }
        if !lua.push_text(&mut text, piece) {
            lua.give(Value::Nil);
            lua.give_bytes(b"reader function must return a string");
            return Ok(Flow::Done);
        }
    }
    loaded(lua, &text, &name)
}

fn newproxy(lua: &mut Lua, args: Args) -> Res {
    let meta = match lua.arg(args, 1) {
        Value::Nil | Value::Bool(false) => None,
        Value::Bool(true) => Some(lua.heap.table(0, 0)),
        Value::User(id) => lua.heap.users.get(id).meta,
        _ => return Err(lua.argument_error(1, "boolean or proxy expected")),
    };
    lua.heap.bytes += 48;
    let user = lua.heap.users.add(User { meta });
    lua.give(Value::User(user));
    Ok(Flow::Done)
}
