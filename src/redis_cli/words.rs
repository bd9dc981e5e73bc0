//! Words: how redis-cli splits a typed line, quotes bytes for showing, reads numbers out of text.

/// Splits a line into arguments as a shell-like user would expect: double quotes know `\n \r \t \b \a \xHH`,
/// single quotes only `\'`. `None` when quotes are unbalanced or a closing quote has no space behind it.
pub fn split(line: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut words = Vec::new();
    let mut at = 0;
    loop {
        while line.get(at).is_some_and(|b| is_space(*b)) {
            at += 1;
        }
        if line.get(at).is_none_or(|&b| b == 0) {
            return Some(words);
        }
        let mut word = Vec::new();
        while let Some(&byte) = line.get(at) {
            match byte {
                b'"' => at = double_quoted(line, at + 1, &mut word)?,
                b'\'' => at = single_quoted(line, at + 1, &mut word)?,
                b' ' | b'\n' | b'\r' | b'\t' | 0 => break,
                _ => {
                    word.push(byte);
                    at += 1;
                    continue;
                }
            }
            // A closing quote ends the word.
            break;
        }
        words.push(word);
    }
}

fn after_quote(line: &[u8], at: usize) -> Option<usize> {
    line.get(at).is_none_or(|b| is_space(*b)).then_some(at)
}

fn double_quoted(line: &[u8], mut at: usize, word: &mut Vec<u8>) -> Option<usize> {
    loop {
        match *line.get(at)? {
            b'"' => return after_quote(line, at + 1),
            b'\\' => match (line.get(at + 1), hex(line.get(at + 2)), hex(line.get(at + 3))) {
                (Some(b'x'), Some(high), Some(low)) => {
                    word.push(high * 16 + low);
                    at += 4;
                }
                (Some(&escaped), ..) => {
                    word.push(match escaped {
                        b'n' => b'\n',
                        b'r' => b'\r',
                        b't' => b'\t',
                        b'b' => 8,
                        b'a' => 7,
                        other => other,
                    });
                    at += 2;
                }
                (None, ..) => return None,
            },
            byte => {
                word.push(byte);
                at += 1;
            }
        }
    }
}

fn single_quoted(line: &[u8], mut at: usize, word: &mut Vec<u8>) -> Option<usize> {
    loop {
        match *line.get(at)? {
            b'\'' => return after_quote(line, at + 1),
            b'\\' if line.get(at + 1) == Some(&b'\'') => {
                word.push(b'\'');
                at += 2;
            }
            byte => {
                word.push(byte);
                at += 1;
            }
        }
    }
}

fn hex(byte: Option<&u8>) -> Option<u8> {
    char::from(*byte?).to_digit(16).and_then(|d| u8::try_from(d).ok())
}

/// What C's `isspace` takes for space.
pub fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}

/// Appends bytes in double quotes, everything that is no printable ASCII escaped.
pub fn quote_into(out: &mut Vec<u8>, bytes: &[u8]) {
    out.push(b'"');
    for &byte in bytes {
        match byte {
            b'\\' | b'"' => out.extend([b'\\', byte]),
            b'\n' => out.extend(b"\\n"),
            b'\r' => out.extend(b"\\r"),
            b'\t' => out.extend(b"\\t"),
            7 => out.extend(b"\\a"),
            8 => out.extend(b"\\b"),
            0x20..=0x7e => out.push(byte),
            _ => out.extend(format!("\\x{byte:02x}").bytes()),
        }
    }
    out.push(b'"');
}

/// Bytes in double quotes, as text.
pub fn quote(bytes: &[u8]) -> String {
    let mut out = Vec::with_capacity(bytes.len() + 2);
    quote_into(&mut out, bytes);
    String::from_utf8_lossy(&out).into_owned()
}

/// C's `atoi`, `strtol` and `strtoll`: the number at the start and how many bytes it took; 0 and 0 without one.
pub fn leading_integer(text: &str) -> (i64, usize) {
    let bytes = text.as_bytes();
    let mut at = bytes.iter().take_while(|b| is_space(**b)).count();
    let negative = bytes.get(at) == Some(&b'-');
    if negative || bytes.get(at) == Some(&b'+') {
        at += 1;
    }
    let first = at;
    let mut value: i64 = 0;
    while let Some(digit) = bytes.get(at).filter(|b| b.is_ascii_digit()) {
        let digit = i64::from(digit - b'0');
        value = value.saturating_mul(10);
        value = if negative { value.saturating_sub(digit) } else { value.saturating_add(digit) };
        at += 1;
    }
    if at == first { (0, 0) } else { (value, at) }
}

/// C's `atoi`.
pub fn atoi(text: &str) -> i64 {
    leading_integer(text).0
}

/// C's `strtod` without hexadecimal: the number at the start and how many bytes it took.
pub fn leading_float(text: &str) -> (f64, usize) {
    let start = text.len() - text.trim_start_matches([' ', '\t', '\n', '\r']).len();
    let rest = text.get(start..).unwrap_or_default();
    let mut end = rest.find(|c: char| !(c.is_ascii_digit() || "+-.eE".contains(c))).unwrap_or(rest.len());
    while end > 0 {
        if let Some(Ok(value)) = rest.get(..end).map(str::parse) {
            return (value, start + end);
        }
        end -= 1;
    }
    (0.0, 0)
}

/// C's `atof`.
pub fn atof(text: &str) -> f64 {
    leading_float(text).0
}

/// The word equals a name, whatever the case.
pub fn is(word: &[u8], name: &str) -> bool {
    word.eq_ignore_ascii_case(name.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Option<Vec<String>> {
        Some(split(line.as_bytes())?.into_iter().map(|w| String::from_utf8(w).unwrap()).collect())
    }

    #[test]
    fn lines_split_as_in_redis() {
        assert_eq!(words("  set 'quoted value' \"a\\tb\\x41\"  ").unwrap(), ["set", "quoted value", "a\tbA"]);
        assert_eq!(words("set \"unbalanced"), None);
        assert_eq!(words("set \"a\"b"), None);
        assert_eq!(words("set 'a\\'b' \"\"").unwrap(), ["set", "a'b", ""]);
        assert_eq!(words("set a\"b c\" d").unwrap(), ["set", "ab c", "d"]);
        assert_eq!(words("\"\\xzz\"").unwrap(), ["xzz"]);
        assert_eq!(words("   ").unwrap(), Vec::<String>::new());
    }

    #[test]
    fn bytes_are_quoted_as_in_redis() {
        assert_eq!(quote("é\n\"q\"\\\u{7}".as_bytes()), r#""\xc3\xa9\n\"q\"\\\a""#);
    }

    #[test]
    fn numbers_are_read_like_c() {
        assert_eq!((atoi("12ab"), atoi("abc"), atoi(" -7")), (12, 0, -7));
        assert_eq!(leading_integer("99999999999999999999").0, i64::MAX);
        assert_eq!((leading_float("0.5x"), leading_float("x")), ((0.5, 3), (0.0, 0)));
    }
}
