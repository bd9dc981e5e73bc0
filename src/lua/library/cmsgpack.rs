//! `cmsgpack`: MessagePack.

use crate::value::Value;
use crate::vm::{Args, Flow, Lua, Native};

type Res = Result<Flow, Value>;

/// Tables within tables that are written; deeper ones become nil.
const MAX_NESTING: usize = 16;
/// The most work that one call may take beyond what the script had left: a table that holds itself ten times would be
/// written ten thousand million million times.
const MOST_WORK: i64 = 1 << 24;
/// Arrays and maps within each other that are read.
const MAX_DEPTH: usize = 3900;

const FUNCTIONS: [(&str, Native); 4] =
    [("pack", pack), ("unpack", unpack), ("unpack_one", unpack_one), ("unpack_limit", unpack_limit)];

pub fn open(lua: &mut Lua) {
    let table = lua.library("cmsgpack", &FUNCTIONS);
    for (name, text) in [
        ("_NAME", "cmsgpack"),
        ("_VERSION", "lua-cmsgpack 0.4.0"),
        ("_COPYRIGHT", "Copyright (C) 2012, Salvatore Sanfilippo"),
        ("_DESCRIPTION", "MessagePack C implementation for Lua"),
    ] {
        let value = lua.heap.string(text.as_bytes());
        lua.set_field(table, name, value);
    }
}

fn pack(lua: &mut Lua, args: Args) -> Res {
    if args.count == 0 {
        return Err(lua.argument_error(0, "MessagePack pack needs input."));
    }
    let mut out = Vec::new();
    for n in 1..=args.count {
        write(lua, &mut out, lua.arg(args, n), 0)?;
    }
    lua.afford(out.len())?;
    let out = lua.heap.owned_string(out);
    lua.give(out);
    Ok(Flow::Done)
}

fn head(out: &mut Vec<u8>, n: usize, small: (usize, u8), byte: Option<u8>, two: u8, four: u8) {
    if n < small.0 {
        out.push(small.1 | n as u8);
    } else if let (Some(code), Ok(n)) = (byte, u8::try_from(n)) {
        out.extend_from_slice(&[code, n]);
    } else if let Ok(n) = u16::try_from(n) {
        out.push(two);
        out.extend_from_slice(&n.to_be_bytes());
    } else {
        out.push(four);
        out.extend_from_slice(&(n as u32).to_be_bytes());
    }
}

fn write(lua: &mut Lua, out: &mut Vec<u8>, value: Value, level: usize) -> Result<(), Value> {
    match value {
        Value::Str(id) => {
            let bytes = &lua.heap.strings.get(id).bytes;
            head(out, bytes.len(), (32, 0xa0), Some(0xd9), 0xda, 0xdb);
            out.extend_from_slice(bytes);
        }
        Value::Bool(b) => out.push(0xc2 | u8::from(b)),
        Value::Num(n) => write_number(out, n),
        Value::Table(table) if level < MAX_NESTING => write_table(lua, out, table, level)?,
        _ => out.push(0xc0),
    }
    charge(lua, 1)?;
    lua.fits(out.len())
}

/// Counts work; too much of it ends the call as too much memory does.
fn charge(lua: &mut Lua, work: usize) -> Result<(), Value> {
    lua.budget -= work as i64;
    if lua.budget < -MOST_WORK { lua.fits(usize::MAX) } else { Ok(()) }
}

fn write_number(out: &mut Vec<u8>, n: f64) {
    if n == n.trunc() && n.abs() < 9.223_372_036_854_776e18 {
        write_integer(out, n as i64);
    } else if f64::from(n as f32) == n {
        out.push(0xca);
        out.extend_from_slice(&(n as f32).to_be_bytes());
    } else {
        out.push(0xcb);
        out.extend_from_slice(&n.to_be_bytes());
    }
}

fn write_integer(out: &mut Vec<u8>, n: i64) {
    let bytes = n.to_be_bytes();
    let (code, size) = match n {
        -32..=127 => return out.push(n as u8),
        128..=0xff => (0xcc, 1),
        0x100..=0xffff => (0xcd, 2),
        0x1_0000..=0xffff_ffff => (0xce, 4),
        0x1_0000_0000.. => (0xcf, 8),
        -128..=-33 => (0xd0, 1),
        -32768..=-129 => (0xd1, 2),
        -2_147_483_648..=-32769 => (0xd2, 4),
        _ => (0xd3, 8),
    };
    out.push(code);
    out.extend_from_slice(&bytes[8 - size..]);
}

fn write_table(lua: &mut Lua, out: &mut Vec<u8>, table: u32, level: usize) -> Result<(), Value> {
    let (mut count, mut max, mut array) = (0usize, 0f64, true);
    let mut key = Value::Nil;
    while let Ok(Some((next, _))) = lua.heap.tables.get(table).next(key, &lua.heap.strings) {
        match next {
            Value::Num(n) if n > 0.0 && n == n.trunc() && n <= f64::from(i32::MAX) => max = max.max(n),
            _ => array = false,
        }
        count += 1;
        key = next;
    }
    charge(lua, count)?;
    if array && max == count as f64 {
        let n = lua.heap.tables.get(table).len(&lua.heap.strings);
        head(out, n, (16, 0x90), None, 0xdc, 0xdd);
        for k in 1..=n {
            let item = lua.heap.tables.get(table).get_index(k, &lua.heap.strings);
            write(lua, out, item, level + 1)?;
        }
        return Ok(());
    }
    head(out, count, (16, 0x80), None, 0xde, 0xdf);
    let mut key = Value::Nil;
    while let Ok(Some((next, item))) = lua.heap.tables.get(table).next(key, &lua.heap.strings) {
        write(lua, out, next, level + 1)?;
        write(lua, out, item, level + 1)?;
        key = next;
    }
    Ok(())
}

/// What is being read.
struct Cursor<'a> {
    data: &'a [u8],
    at: usize,
}

/// A value, or the beginning of something that holds others.
enum Item {
    Value(Value),
    Array(usize),
    Map(usize),
}

/// A container that is not complete.
struct Open {
    table: u32,
    left: usize,
    /// Next index of an array; none of a map.
    index: Option<usize>,
    key: Option<Value>,
}

const MISSING: &str = "Missing bytes in input.";

impl<'a> Cursor<'a> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], &'static str> {
        let part = self.data.get(self.at..self.at + N).and_then(|p| p.try_into().ok()).ok_or(MISSING)?;
        self.at += N;
        Ok(part)
    }

    fn bytes(&mut self, n: usize) -> Result<&'a [u8], &'static str> {
        let part = self.at.checked_add(n).and_then(|end| self.data.get(self.at..end)).ok_or(MISSING)?;
        self.at += n;
        Ok(part)
    }

    fn item(&mut self, lua: &mut Lua) -> Result<Item, &'static str> {
        let [code] = self.take::<1>()?;
        let number = |n: f64| Ok(Item::Value(Value::Num(n)));
        let size = match code {
            0x00..=0x7f => return number(f64::from(code)),
            0xe0..=0xff => return number(f64::from(code as i8)),
            0x80..=0x8f => return Ok(Item::Map(usize::from(code & 15))),
            0x90..=0x9f => return Ok(Item::Array(usize::from(code & 15))),
            0xa0..=0xbf => usize::from(code & 31),
            0xc0 => return Ok(Item::Value(Value::Nil)),
            0xc2 | 0xc3 => return Ok(Item::Value(Value::Bool(code == 0xc3))),
            0xca => return number(f64::from(f32::from_be_bytes(self.take()?))),
            0xcb => return number(f64::from_be_bytes(self.take()?)),
            0xcc => return number(f64::from(u8::from_be_bytes(self.take()?))),
            0xcd => return number(f64::from(u16::from_be_bytes(self.take()?))),
            0xce => return number(f64::from(u32::from_be_bytes(self.take()?))),
            0xcf => return number(u64::from_be_bytes(self.take()?) as f64),
            0xd0 => return number(f64::from(i8::from_be_bytes(self.take()?))),
            0xd1 => return number(f64::from(i16::from_be_bytes(self.take()?))),
            0xd2 => return number(f64::from(i32::from_be_bytes(self.take()?))),
            0xd3 => return number(i64::from_be_bytes(self.take()?) as f64),
            0xd9 => usize::from(u8::from_be_bytes(self.take()?)),
            0xda => usize::from(u16::from_be_bytes(self.take()?)),
            0xdb => u32::from_be_bytes(self.take()?) as usize,
            0xdc => return Ok(Item::Array(usize::from(u16::from_be_bytes(self.take()?)))),
            0xdd => return Ok(Item::Array(u32::from_be_bytes(self.take()?) as usize)),
            0xde => return Ok(Item::Map(usize::from(u16::from_be_bytes(self.take()?)))),
            0xdf => return Ok(Item::Map(u32::from_be_bytes(self.take()?) as usize)),
            _ => return Err("Bad data format in input."),
        };
        let text = self.bytes(size)?;
        Ok(Item::Value(lua.heap.string(text)))
    }

    /// A whole value.
    fn value(&mut self, lua: &mut Lua) -> Result<Value, String> {
        let mut stack: Vec<Open> = Vec::new();
        loop {
            lua.budget -= 1;
            lua.fits(0).map_err(|_| "not enough memory")?;
            let mut done = match self.item(lua)? {
                Item::Value(value) => Some(value),
                Item::Array(n) => {
                    stack.push(Open { table: lua.heap.table(0, 0), left: n, index: Some(1), key: None });
                    None
                }
                Item::Map(n) => {
                    let left = n.saturating_mul(2);
                    stack.push(Open { table: lua.heap.table(0, 0), left, index: None, key: None });
                    None
                }
            };
            if stack.len() > MAX_DEPTH {
                return Err("stack overflow (in function mp_decode_to_lua_type)".into());
            }
            loop {
                let Some(open) = stack.last_mut() else { return Ok(done.unwrap_or_default()) };
                if let Some(value) = done {
                    open.add(lua, value)?;
                }
                if open.left > 0 {
                    break;
                }
                done = Some(Value::Table(open.table));
                stack.pop();
            }
        }
    }
}

impl Open {
    fn add(&mut self, lua: &mut Lua, value: Value) -> Result<(), String> {
        self.left -= 1;
        match (self.index, self.key.take()) {
            (Some(n), _) => {
                lua.heap.set(self.table, Value::Num(n as f64), value);
                self.index = Some(n + 1);
            }
            (None, None) => self.key = Some(value),
            (None, Some(Value::Nil)) => return Err("table index is nil".into()),
            (None, Some(Value::Num(n))) if n.is_nan() => return Err("table index is NaN".into()),
            (None, Some(key)) => lua.heap.set(self.table, key, value),
        }
        Ok(())
    }
}

fn unpack_full(lua: &mut Lua, args: Args, limit: i64, offset: i64) -> Res {
    let data = lua.check_bytes(args, 1)?;
    if offset < 0 || limit < 0 {
        let text = format!("Invalid request to unpack with offset of {offset} and limit of {}.", data.len());
        return Err(lua.native_error(&text));
    }
    if offset as usize > data.len() {
        let text = format!("Start offset {offset} greater than input length {}.", data.len());
        return Err(lua.native_error(&text));
    }
    let everything = limit == 0 && offset == 0;
    let limit = if everything { i64::from(i32::MAX) } else { limit };
    let mut cursor = Cursor { data: &data, at: offset as usize };
    let mut values = Vec::new();
    while cursor.at < data.len() && (values.len() as i64) < limit {
        if values.len() > 7_900 {
            let text = "stack overflow (too many return values at once; use unpack_one or unpack_limit instead.)";
            return Err(lua.native_error(text));
        }
        match cursor.value(lua) {
            Ok(value) => values.push(value),
            Err(text) => return Err(lua.native_error(&text)),
        }
        lua.afford(0)?;
    }
    if !everything {
        let next = if cursor.at >= data.len() { -1.0 } else { cursor.at as f64 };
        lua.give(Value::Num(next));
    }
    for value in values {
        lua.give(value);
    }
    Ok(Flow::Done)
}

fn unpack(lua: &mut Lua, args: Args) -> Res {
    unpack_full(lua, args, 0, 0)
}

fn unpack_one(lua: &mut Lua, args: Args) -> Res {
    let offset = lua.opt_int(args, 2, 0)?;
    unpack_full(lua, args, 1, offset)
}

fn unpack_limit(lua: &mut Lua, args: Args) -> Res {
    let limit = lua.check_int(args, 2)?;
    let offset = lua.opt_int(args, 3, 0)?;
    unpack_full(lua, args, limit, offset)
}
