//! How the debugger shows values of Lua and replies of commands.

use lua::{Lua, Value};
use resp::push_repr;

/// How deep tables within tables are shown.
const MAX_DEPTH: usize = 10;
/// Bytes of one value at most, where the debugger's own limit is off.
pub const MOST: usize = 1 << 20;

/// Appends a value. Stops where `out` is longer than `most`: nobody sees what is beyond.
pub fn push_value(out: &mut Vec<u8>, lua: &Lua, value: Value, most: usize) {
    push_at(out, lua, value, 0, most);
}

fn push_at(out: &mut Vec<u8>, lua: &Lua, value: Value, level: usize, most: usize) {
    if level == MAX_DEPTH {
        out.extend_from_slice(b"<max recursion level reached! Nested table?>");
        return;
    }
    match value {
        Value::Nil => out.extend_from_slice(b"nil"),
        Value::Bool(b) => out.extend_from_slice(if b { b"true" } else { b"false" }),
        Value::Num(n) => out.extend_from_slice(lua::format_g(n, 6, false).as_bytes()),
        Value::Str(_) => push_repr(out, lua.bytes(value).unwrap_or_default()),
        Value::Table(table) => push_table(out, lua, table, level + 1, most),
        other => {
            let text = lua.describe(other);
            let kind = if matches!(other, Value::Light(_)) { "light-userdata" } else { other.type_name() };
            let address = text.iter().rposition(|c| *c == b' ').map_or(&[][..], |at| &text[at + 1..]);
            out.extend_from_slice(format!("\"{kind}@{}\"", String::from_utf8_lossy(address)).as_bytes());
        }
    }
}

fn push_table(out: &mut Vec<u8>, lua: &Lua, table: u32, level: usize, most: usize) {
    let (mut key, mut expected, mut list) = (Value::Nil, 1.0, true);
    while let Some((next, _)) = lua.next(table, key) {
        list = next == Value::Num(expected);
        if !list {
            break;
        }
        expected += 1.0;
        key = next;
    }
    out.push(b'{');
    let (mut key, mut first) = (Value::Nil, true);
    while let Some((next, value)) = lua.next(table, key) {
        if out.len() > most {
            break;
        }
        if !std::mem::take(&mut first) {
            out.extend_from_slice(b"; ");
        }
        if !list {
            out.push(b'[');
            push_at(out, lua, next, level, most);
            out.extend_from_slice(b"]=");
        }
        push_at(out, lua, value, level, most);
        key = next;
    }
    out.push(b'}');
}

/// Appends a reply in the form that is for people. What cannot be read ends it.
pub fn push_reply(out: &mut Vec<u8>, reply: &[u8]) {
    let mut rest = reply;
    push_part(out, &mut rest, 0);
}

/// The rest of the line, behind its first byte.
fn line<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let end = rest.iter().position(|c| *c == b'\r')?;
    let line = rest.get(1..end)?;
    *rest = rest.get(end + 2..)?;
    Some(line)
}

fn count(line: &[u8]) -> Option<usize> {
    resp::parse_i64(line).and_then(|n| usize::try_from(n).ok())
}

fn push_part(out: &mut Vec<u8>, rest: &mut &[u8], depth: usize) -> Option<()> {
    const DEEPEST: usize = 64;
    if depth > DEEPEST {
        return None;
    }
    match rest.first()? {
        b':' => out.extend_from_slice(line(rest)?),
        b'$' => match count(line(rest)?) {
            Some(len) => {
                push_repr(out, rest.get(..len)?);
                *rest = rest.get(len + 2..)?;
            }
            None => out.extend_from_slice(b"NULL"),
        },
        kind @ (b'+' | b'-') => {
            let text = [&[*kind], line(rest)?].concat();
            push_repr(out, &text);
        }
        b'*' => match count(line(rest)?) {
            Some(n) => push_list(out, rest, n, ("[", "]"), depth)?,
            None => out.extend_from_slice(b"NULL"),
        },
        b'~' => {
            let n = count(line(rest)?)?;
            push_list(out, rest, n, ("~(", ")"), depth)?;
        }
        b'%' => push_map(out, rest, depth)?,
        b'_' => {
            line(rest)?;
            out.extend_from_slice(b"(null)");
        }
        b'#' => out.extend_from_slice(if line(rest)? == b"t" { b"#true" } else { b"#false" }),
        b',' => {
            out.extend_from_slice(b"(double) ");
            out.extend_from_slice(line(rest)?);
        }
        _ => return None,
    }
    Some(())
}

fn push_list(out: &mut Vec<u8>, rest: &mut &[u8], n: usize, ends: (&str, &str), depth: usize) -> Option<()> {
    out.extend_from_slice(ends.0.as_bytes());
    for at in 0..n {
        if at > 0 {
            out.push(b',');
        }
        push_part(out, rest, depth + 1)?;
    }
    out.extend_from_slice(ends.1.as_bytes());
    Some(())
}

fn push_map(out: &mut Vec<u8>, rest: &mut &[u8], depth: usize) -> Option<()> {
    let n = count(line(rest)?)?;
    out.push(b'{');
    for at in 0..n {
        if at > 0 {
            out.push(b',');
        }
        push_part(out, rest, depth + 1)?;
        out.extend_from_slice(b" => ");
        push_part(out, rest, depth + 1)?;
    }
    out.push(b'}');
    Some(())
}

#[cfg(test)]
mod tests {
    fn shown(reply: &str) -> String {
        let mut out = Vec::new();
        super::push_reply(&mut out, reply.as_bytes());
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn replies_are_shown_as_the_real_debugger_shows_them() {
        assert_eq!(shown("+OK\r\n"), "\"+OK\"");
        assert_eq!(shown("*3\r\n:1\r\n$-1\r\n$2\r\nab\r\n"), "[1,NULL,\"ab\"]");
        assert_eq!(shown("%1\r\n+a\r\n~2\r\n#t\r\n,1.5\r\n"), "{\"+a\" => ~(#true,(double) 1.5)}");
        assert_eq!(shown("_\r\n"), "(null)");
        assert_eq!(shown("*2\r\n$9\r\nab"), "[");
    }

    #[test]
    fn values_are_shown_as_the_real_debugger_shows_them() {
        let mut lua = lua::Lua::new(1 << 20);
        let mut shown = |text: &str| {
            let function = lua.load(format!("return {text}").as_bytes(), b"@t").unwrap();
            lua.start(function, &[]);
            let lua::Outcome::Done(values) = lua.run(10_000) else { panic!("{text}") };
            let mut out = Vec::new();
            super::push_value(&mut out, &lua, values[0], super::MOST);
            String::from_utf8(out).unwrap()
        };
        assert_eq!(shown("1/3"), "0.333333");
        assert_eq!(shown("{1, 'a\\n', {x=true}}"), "{1; \"a\\n\"; {[\"x\"]=true}}");
        assert_eq!(shown("{}"), "{}");
        assert!(shown("print or tostring").starts_with("\"function@0x"));
        assert!(shown("{{{{{{{{{{{}}}}}}}}}}}").contains("{<max recursion level reached! Nested table?>}"));
    }
}
