//! Splitting a line into arguments, and quoting bytes, as Redis does in inline requests,
//! configuration files, logs and MONITOR.

/// Splits a line into arguments. Double quotes know `\n \r \t \b \a \xHH` and `\c`; single quotes
/// know `\'`. `None` where quotes are unbalanced or a closing quote is not followed by a space.
pub fn split_args(line: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut args = Vec::new();
    let mut at = 0;
    loop {
        while line.get(at).is_some_and(|c| is_space(*c)) {
            at += 1;
        }
        if at >= line.len() || line[at] == 0 {
            return Some(args);
        }
        let mut arg = Vec::new();
        at = read_arg(line, at, &mut arg)?;
        args.push(arg);
    }
}

fn is_space(c: u8) -> bool {
    matches!(c, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
}

fn read_arg(line: &[u8], mut at: usize, arg: &mut Vec<u8>) -> Option<usize> {
    // Memory for all of it at once: what grows byte by byte leaves holes between the values that are kept.
    let rest = line.get(at..)?;
    let end = rest.iter().position(|c| b" \n\r\t\0\"'".contains(c)).unwrap_or(rest.len());
    arg.extend_from_slice(&rest[..end]);
    at += end;
    match line.get(at) {
        Some(b'"') => read_double(line, at + 1, arg),
        Some(b'\'') => read_single(line, at + 1, arg),
        _ => Some(at),
    }
}

/// After a closing quote only a space or the end may follow.
fn after_quote(line: &[u8], at: usize) -> Option<usize> {
    match line.get(at) {
        None | Some(0) => Some(at),
        Some(&c) if is_space(c) => Some(at),
        Some(_) => None,
    }
}

fn read_double(line: &[u8], mut at: usize, arg: &mut Vec<u8>) -> Option<usize> {
    loop {
        match line.get(at..)? {
            [b'\\', b'x', h, l, ..] if h.is_ascii_hexdigit() && l.is_ascii_hexdigit() => {
                arg.push(hex(*h) << 4 | hex(*l));
                at += 4;
            }
            [b'\\', c, ..] => {
                arg.push(match c {
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    b'b' => 8,
                    b'a' => 7,
                    other => *other,
                });
                at += 2;
            }
            [b'"', ..] => return after_quote(line, at + 1),
            [0, ..] | [] => return None,
            [c, ..] => {
                arg.push(*c);
                at += 1;
            }
        }
    }
}

fn read_single(line: &[u8], mut at: usize, arg: &mut Vec<u8>) -> Option<usize> {
    loop {
        match line.get(at..)? {
            [b'\\', b'\'', ..] => {
                arg.push(b'\'');
                at += 2;
            }
            [b'\'', ..] => return after_quote(line, at + 1),
            [0, ..] | [] => return None,
            [c, ..] => {
                arg.push(*c);
                at += 1;
            }
        }
    }
}

fn hex(c: u8) -> u8 {
    match c {
        b'0'..=b'9' => c - b'0',
        b'a'..=b'f' => c - b'a' + 10,
        _ => c.wrapping_sub(b'A').wrapping_add(10),
    }
}

/// Appends `bytes` in double quotes with everything unprintable escaped.
pub fn push_repr(out: &mut Vec<u8>, bytes: &[u8]) {
    out.push(b'"');
    for &c in bytes {
        match c {
            b'\\' | b'"' => out.extend_from_slice(&[b'\\', c]),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            7 => out.extend_from_slice(b"\\a"),
            8 => out.extend_from_slice(b"\\b"),
            0x20..=0x7e => out.push(c),
            _ => {
                const DIGITS: &[u8; 16] = b"0123456789abcdef";
                out.extend_from_slice(&[b'\\', b'x', DIGITS[usize::from(c >> 4)], DIGITS[usize::from(c & 15)]]);
            }
        }
    }
    out.push(b'"');
}

/// `bytes` in double quotes with everything unprintable escaped.
pub fn repr(bytes: &[u8]) -> String {
    let mut out = Vec::with_capacity(bytes.len() + 2);
    push_repr(&mut out, bytes);
    String::from_utf8(out).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(line: &str) -> Option<Vec<String>> {
        split_args(line.as_bytes())
            .map(|args| args.into_iter().map(|a| String::from_utf8_lossy(&a).into_owned()).collect())
    }

    #[test]
    fn splits_plain_and_quoted() {
        assert_eq!(split("set  a 'b c' \"d\\n\\x41\"").unwrap(), ["set", "a", "b c", "d\nA"]);
        assert_eq!(split("").unwrap(), Vec::<String>::new());
        assert_eq!(split("a'b'").unwrap(), ["ab"]);
        assert_eq!(split("'it\\'s'").unwrap(), ["it's"]);
    }

    #[test]
    fn refuses_unbalanced_quotes() {
        assert_eq!(split("\"abc"), None);
        assert_eq!(split("'abc"), None);
        assert_eq!(split("\"a\"b"), None);
    }

    #[test]
    fn quotes_bytes() {
        assert_eq!(repr(b"a\"b\\\n\x00\xff"), "\"a\\\"b\\\\\\n\\x00\\xff\"");
        assert_eq!(split_args(repr(b"\x01 x\"\r").as_bytes()).unwrap(), [b"\x01 x\"\r".to_vec()]);
    }
}
