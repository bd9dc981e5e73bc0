//! Backslash escapes and the ways in which a shell quotes values for printing.

/// Which backslash escapes hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Escapes {
    /// `$'…'`.
    AnsiC,
    /// `echo -e`.
    Echo,
    /// The format of `printf`.
    PrintfFormat,
    /// `%b` of `printf`.
    PrintfB,
}

/// Replaces backslash escapes; true where `\c` ended the text.
pub fn unescape(raw: &str, kind: Escapes) -> (String, bool) {
    let mut out = Vec::with_capacity(raw.len());
    let mut chars = raw.chars().peekable();
    let push = |out: &mut Vec<u8>, c: char| out.extend_from_slice(&machine::text::to_bytes(c.encode_utf8(&mut [0; 4])));
    while let Some(c) = chars.next() {
        if c != '\\' {
            push(&mut out, c);
            continue;
        }
        let Some(c) = chars.next() else {
            out.push(b'\\');
            break;
        };
        match c {
            'a' => out.push(7),
            'b' => out.push(8),
            'e' | 'E' => out.push(27),
            'f' => out.push(12),
            'n' => out.push(10),
            'r' => out.push(13),
            't' => out.push(9),
            'v' => out.push(11),
            '\\' => out.push(b'\\'),
            '\'' | '"' | '?' if kind == Escapes::AnsiC => push(&mut out, c),
            '"' if kind != Escapes::Echo => out.push(b'"'),
            'c' if kind == Escapes::AnsiC => {
                if let Some(c) = chars.next() {
                    out.push(c.to_ascii_uppercase() as u8 & 0x1F);
                }
            }
            'c' if kind != Escapes::PrintfFormat => return (machine::text::from_bytes(&out), true),
            'x' => match number(&mut chars, 16, 2) {
                Some(value) => out.push(value as u8),
                None => out.extend_from_slice(b"\\x"),
            },
            'u' | 'U' => match number(&mut chars, 16, if c == 'u' { 4 } else { 8 }) {
                Some(value) => push(&mut out, char::from_u32(value).unwrap_or(char::REPLACEMENT_CHARACTER)),
                None => {
                    out.push(b'\\');
                    push(&mut out, c);
                }
            },
            '0' if matches!(kind, Escapes::Echo | Escapes::PrintfB) => {
                out.push(number(&mut chars, 8, 3).unwrap_or(0) as u8);
            }
            '0'..='7' if kind != Escapes::Echo => {
                let first = c.to_digit(8).unwrap_or(0);
                let mut value = first;
                for _ in 0..2 {
                    let Some(digit) = chars.peek().and_then(|c| c.to_digit(8)) else { break };
                    value = value * 8 + digit;
                    chars.next();
                }
                out.push(value as u8);
            }
            other => {
                out.push(b'\\');
                push(&mut out, other);
            }
        }
    }
    if kind == Escapes::AnsiC {
        // A NUL ends the text, as it does in a C string.
        if let Some(end) = out.iter().position(|&b| b == 0) {
            out.truncate(end);
        }
    }
    (machine::text::from_bytes(&out), false)
}

fn number(chars: &mut std::iter::Peekable<std::str::Chars<'_>>, radix: u32, most: usize) -> Option<u32> {
    let mut value: Option<u32> = None;
    for _ in 0..most {
        let Some(digit) = chars.peek().and_then(|c| c.to_digit(radix)) else { break };
        value = Some(value.unwrap_or(0).wrapping_mul(radix).wrapping_add(digit));
        chars.next();
    }
    value
}

fn has_control(text: &str) -> bool {
    text.chars().any(|c| c.is_control() || c as u32 >= 0x0010_FF00)
}

/// `'text'`.
pub fn single_quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// `$'text'`.
pub fn ansi_quote(text: &str) -> String {
    let mut out = String::from("$'");
    for c in text.chars() {
        match c {
            '\x07' => out.push_str("\\a"),
            '\x08' => out.push_str("\\b"),
            '\x1b' => out.push_str("\\E"),
            '\x0c' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\x0b' => out.push_str("\\v"),
            '\\' | '\'' => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() || c as u32 >= 0x0010_FF00 => {
                for byte in machine::text::to_bytes(c.encode_utf8(&mut [0; 4])) {
                    out.push_str(&format!("\\{byte:03o}"));
                }
            }
            c => out.push(c),
        }
    }
    out.push('\'');
    out
}

/// `"text"` as `declare -p` shows values.
pub fn double_quote(text: &str) -> String {
    if has_control(text) {
        return ansi_quote(text);
    }
    let mut out = String::from("\"");
    for c in text.chars() {
        if matches!(c, '"' | '$' | '`' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
    out
}

/// Whether the shell would read the text as something else than one plain word.
pub fn needs_quotes(text: &str) -> bool {
    const SPECIAL: &str = " \t\n'\"\\|&;()<>!{}*[]?^$`";
    text.is_empty() || text.chars().enumerate().any(|(i, c)| SPECIAL.contains(c) || (i == 0 && matches!(c, '#' | '~')))
}

/// As `set` and `set -x` show values: quoted where it is needed.
pub fn quote_if_needed(text: &str) -> String {
    if has_control(text) {
        ansi_quote(text)
    } else if needs_quotes(text) {
        single_quote(text)
    } else {
        text.to_string()
    }
}

/// `${name@Q}`.
pub fn reusable_quote(text: &str) -> String {
    if has_control(text) { ansi_quote(text) } else { single_quote(text) }
}

/// `printf %q`: backslashes before special characters.
pub fn backslash_quote(text: &str) -> String {
    if text.is_empty() {
        return "''".to_string();
    }
    if has_control(text) {
        return ansi_quote(text);
    }
    let mut out = String::new();
    for (i, c) in text.chars().enumerate() {
        if " '\"\\|&;()<>!{}*[]?^$`,".contains(c) || (i == 0 && matches!(c, '#' | '~')) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_differ_by_place() {
        assert_eq!(unescape("a\\tb\\x41\\101\\u00e9\\cA", Escapes::AnsiC).0, "a\tbAAé\u{1}");
        assert_eq!(unescape("a\\0101\\101\\q", Escapes::Echo).0, "aA\\101\\q");
        assert_eq!(unescape("a\\cb", Escapes::Echo), ("a".into(), true));
        assert_eq!(unescape("\\101\\0101", Escapes::PrintfB).0, "AA");
        assert_eq!(unescape("\\xff", Escapes::AnsiC).0, machine::text::from_bytes(b"\xff"));
    }

    #[test]
    fn values_are_quoted_as_bash_quotes_them() {
        assert_eq!(quote_if_needed("a b"), "'a b'");
        assert_eq!(quote_if_needed("plain"), "plain");
        assert_eq!(quote_if_needed("a\nb"), "$'a\\nb'");
        assert_eq!(backslash_quote("a b'c"), "a\\ b\\'c");
        assert_eq!(double_quote("a\"$b"), "\"a\\\"\\$b\"");
        assert_eq!(single_quote("it's"), "'it'\\''s'");
    }
}
