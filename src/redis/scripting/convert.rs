//! Replies to values of Lua, and values to replies.

use lua::{Lua, Value};
use resp::Reply;

/// What a script can nest in a reply at most.
const MAX_DEPTH: usize = 7990;

/// Reads a reply that the server itself wrote; where it ends.
pub fn reply_to_lua(lua: &mut Lua, bytes: &[u8]) -> Value {
    read(lua, bytes, &mut 0)
}

fn line<'a>(bytes: &'a [u8], at: &mut usize) -> &'a [u8] {
    let rest = bytes.get(*at..).unwrap_or_default();
    let end = rest.windows(2).position(|w| w == b"\r\n").unwrap_or(rest.len());
    *at += end + 2;
    &rest[..end]
}

fn number(text: &[u8]) -> i64 {
    resp::parse_i64(text).unwrap_or(0)
}

fn single(lua: &mut Lua, field: &str, value: Value) -> Value {
    let table = lua.table(0, 1);
    lua.set_field(table, field, value);
    Value::Table(table)
}

fn bulk<'a>(bytes: &'a [u8], at: &mut usize, size: i64) -> &'a [u8] {
    let size = usize::try_from(size).unwrap_or(0);
    let text = bytes.get(*at..*at + size).unwrap_or_default();
    *at += size + 2;
    text
}

/// Text with its format in front.
fn verbatim(lua: &mut Lua, text: &[u8]) -> Value {
    let table = lua.table(0, 2);
    let (format, body) = (text.get(..3).unwrap_or_default(), text.get(4..).unwrap_or_default());
    let (format, body) = (lua.string(format), lua.string(body));
    lua.set_field(table, "string", body);
    lua.set_field(table, "format", format);
    single(lua, "verbatim_string", Value::Table(table))
}

fn read(lua: &mut Lua, bytes: &[u8], at: &mut usize) -> Value {
    let Some(kind) = bytes.get(*at).copied() else { return Value::Nil };
    *at += 1;
    let text = line(bytes, at);
    match kind {
        b':' => Value::Num(number(text) as f64),
        b'+' => {
            let text = lua.string(text);
            single(lua, "ok", text)
        }
        b'-' => error_table(lua, &[b"-", text].concat(), true),
        b'$' => match number(text) {
            ..0 => Value::Bool(false),
            size => {
                let text = bulk(bytes, at, size);
                lua.string(text)
            }
        },
        b'*' | b'>' => match number(text) {
            ..0 => Value::Bool(false),
            count => {
                let table = lua.table(0, 0);
                for n in 1..=count {
                    let item = read(lua, bytes, at);
                    lua.set(table, Value::Num(n as f64), item);
                }
                Value::Table(table)
            }
        },
        b'%' => {
            let table = lua.table(0, 0);
            for _ in 0..number(text) {
                let key = read(lua, bytes, at);
                let value = read(lua, bytes, at);
                lua.set(table, key, value);
            }
            single(lua, "map", Value::Table(table))
        }
        b'~' => {
            let table = lua.table(0, 0);
            for _ in 0..number(text) {
                let item = read(lua, bytes, at);
                lua.set(table, item, Value::Bool(true));
            }
            single(lua, "set", Value::Table(table))
        }
        b'|' => {
            // Attributes are skipped; what they are about follows.
            for _ in 0..number(text).saturating_mul(2) {
                read(lua, bytes, at);
            }
            read(lua, bytes, at)
        }
        b'#' => Value::Bool(text == b"t"),
        b',' => {
            let n = lua::parse_number(text).unwrap_or(f64::NAN);
            single(lua, "double", Value::Num(n))
        }
        b'(' => {
            let text = lua.string(text);
            single(lua, "big_number", text)
        }
        b'=' => verbatim(lua, bulk(bytes, at, number(text))),
        _ => Value::Nil,
    }
}

/// The table that stands for an error. `-CODE text`, or a text that gets the code ERR. `counted`: the
/// statistics have it already.
pub fn error_table(lua: &mut Lua, text: &[u8], counted: bool) -> Value {
    // Texts end at their first zero byte there.
    let text = crate::server::errors::until_nul(text);
    let message = match text.strip_prefix(b"-") {
        Some(rest) => {
            let rest = trim(rest);
            if rest.contains(&b' ') { rest.to_vec() } else { [b"ERR ", rest].concat() }
        }
        None => [b"ERR ", trim(text)].concat(),
    };
    let table = lua.table(0, 2);
    let message = lua.string(&message);
    lua.set_field(table, "err", message);
    if counted {
        lua.set_field(table, "ignore_error_stats_update", Value::Bool(true));
    }
    Value::Table(table)
}

fn trim(text: &[u8]) -> &[u8] {
    let end = text.iter().rposition(|c| !matches!(c, b'\r' | b'\n')).map_or(0, |n| n + 1);
    let from = text.iter().position(|c| !matches!(c, b'\r' | b'\n')).unwrap_or(end);
    &text[from..end]
}

/// Errors that a reply holds: those that the statistics do not have yet.
pub type Uncounted = Vec<Vec<u8>>;

/// Something that is being written.
enum Open {
    Array { table: u32, next: usize, mark: resp::Mark },
    Map { table: u32, key: Value, mark: resp::Mark, count: usize, value: Option<Value> },
    Set { table: u32, key: Value, mark: resp::Mark, count: usize },
}

/// Writes a value as a reply. `script3`: the script asked for RESP3.
pub fn lua_to_reply(lua: &mut Lua, out: &mut Reply, value: Value, script3: bool) -> Uncounted {
    let mut errors = Vec::new();
    let mut stack = Vec::new();
    begin(lua, out, value, script3, &mut stack, &mut errors);
    while let Some(open) = stack.last_mut() {
        let next = match open {
            Open::Array { table, next, mark } => {
                let item = lua.item(*table, *next);
                if item.is_nil() {
                    out.array_at(*mark, *next - 1);
                    None
                } else {
                    *next += 1;
                    Some(item)
                }
            }
            Open::Map { table, key, mark, count, value } => match value.take() {
                Some(value) => Some(value),
                None => match lua.next(*table, *key) {
                    Some((next, item)) => {
                        *key = next;
                        *value = Some(item);
                        *count += 1;
                        Some(next)
                    }
                    None => {
                        out.map_at(*mark, *count);
                        None
                    }
                },
            },
            Open::Set { table, key, mark, count } => match lua.next(*table, *key) {
                Some((next, _)) => {
                    *key = next;
                    *count += 1;
                    Some(next)
                }
                None => {
                    out.set_at(*mark, *count);
                    None
                }
            },
        };
        match next {
            Some(value) => begin(lua, out, value, script3, &mut stack, &mut errors),
            None => {
                stack.pop();
            }
        }
    }
    errors
}

/// Writes a simple value, or opens one that holds others.
fn begin(lua: &mut Lua, out: &mut Reply, value: Value, script3: bool, stack: &mut Vec<Open>, errors: &mut Uncounted) {
    match value {
        Value::Str(_) => out.bulk(lua.bytes(value).unwrap_or_default()),
        Value::Bool(b) if script3 => out.boolean(b),
        Value::Bool(true) => out.int(1),
        Value::Num(n) => out.int(whole(n)),
        Value::Table(table) if stack.len() < MAX_DEPTH => begin_table(lua, out, table, stack, errors),
        Value::Table(_) => out.error("ERR reached lua stack limit"),
        _ => out.null(),
    }
}

/// As C's cast to a whole number has it.
fn whole(n: f64) -> i64 {
    if n.is_nan() || !(-9.3e18..9.223_372_036_854_776e18).contains(&n) { i64::MIN } else { n as i64 }
}

fn begin_table(lua: &mut Lua, out: &mut Reply, table: u32, stack: &mut Vec<Open>, errors: &mut Uncounted) {
    let error = lua.get_field(table, "err");
    if let Value::Str(_) = error {
        let text = crate::server::errors::until_nul(lua.bytes(error).unwrap_or_default()).to_vec();
        let counted = lua.get_field(table, "ignore_error_stats_update") == Value::Bool(true);
        out.error_bytes(&text);
        if !counted {
            errors.push(text);
        }
        return;
    }
    let ok = lua.get_field(table, "ok");
    if let Some(text) = lua.bytes(ok) {
        let text = crate::server::errors::until_nul(text);
        let clean: Vec<u8> = text.iter().map(|c| if matches!(c, b'\r' | b'\n') { b' ' } else { *c }).collect();
        out.raw(&[b"+", clean.as_slice(), b"\r\n"].concat());
        return;
    }
    if let Value::Num(n) = lua.get_field(table, "double") {
        out.double(n);
        return;
    }
    let big = lua.get_field(table, "big_number");
    if let Some(digits) = lua.bytes(big) {
        let clean: Vec<u8> = digits.iter().map(|c| if matches!(c, b'\r' | b'\n') { b' ' } else { *c }).collect();
        out.big_number(&clean);
        return;
    }
    if let Value::Table(inner) = lua.get_field(table, "verbatim_string") {
        let (format, text) = (lua.get_field(inner, "format"), lua.get_field(inner, "string"));
        if let (Some(format), Some(text)) = (lua.bytes(format), lua.bytes(text)) {
            let format: String = format.iter().copied().chain(*b"   ").take(3).map(char::from).collect();
            out.verbatim(&format, text);
            return;
        }
    }
    let mark = out.later();
    if let Value::Table(table) = lua.get_field(table, "map") {
        stack.push(Open::Map { table, key: Value::Nil, mark, count: 0, value: None });
    } else if let Value::Table(table) = lua.get_field(table, "set") {
        stack.push(Open::Set { table, key: Value::Nil, mark, count: 0 });
    } else {
        stack.push(Open::Array { table, next: 1, mark });
    }
}
