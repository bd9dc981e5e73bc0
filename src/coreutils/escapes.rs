//! Backslash escapes in arguments, as `echo -e`, `printf` and `tr` read them.

/// What a text with escapes stands for, and whether `\c` ended it.
pub struct Unescaped {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// `\c` came: no output behind it.
    pub stopped: bool,
}

/// Replaces escapes. With `zero_octal` an octal number needs a leading zero (`\0101`, as for `echo` and `%b`),
/// else it does not (`\101`).
pub fn unescape(text: &str, zero_octal: bool) -> Unescaped {
    let source = machine::text::to_bytes(text);
    let (mut bytes, mut at) = (Vec::with_capacity(source.len()), 0);
    while let Some(&byte) = source.get(at) {
        at += 1;
        let next = source.get(at).copied();
        let (b'\\', Some(next)) = (byte, next) else {
            bytes.push(byte);
            continue;
        };
        at += 1;
        match next {
            b'a' => bytes.push(7),
            b'b' => bytes.push(8),
            b'c' => return Unescaped { bytes, stopped: true },
            b'e' => bytes.push(27),
            b'f' => bytes.push(12),
            b'n' => bytes.push(b'\n'),
            b'r' => bytes.push(b'\r'),
            b't' => bytes.push(b'\t'),
            b'v' => bytes.push(11),
            b'\\' => bytes.push(b'\\'),
            b'"' if !zero_octal => bytes.push(b'"'),
            b'x' => match number(&source, &mut at, 2, 16) {
                Some(value) => bytes.push(value as u8),
                None => bytes.extend_from_slice(b"\\x"),
            },
            b'u' | b'U' => match number(&source, &mut at, if next == b'u' { 4 } else { 8 }, 16) {
                Some(value) => {
                    let c = char::from_u32(value).unwrap_or('\u{fffd}');
                    bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                }
                None => bytes.extend_from_slice(&[b'\\', next]),
            },
            b'0' if zero_octal => bytes.push(number(&source, &mut at, 3, 8).unwrap_or(0) as u8),
            b'0'..=b'7' => {
                at -= 1;
                bytes.push(number(&source, &mut at, 3, 8).unwrap_or(0) as u8);
            }
            other => bytes.extend_from_slice(&[b'\\', other]),
        }
    }
    Unescaped { bytes, stopped: false }
}

/// Up to `most` digits.
fn number(source: &[u8], at: &mut usize, most: usize, base: u32) -> Option<u32> {
    let digits = source[*at..].iter().take(most).map_while(|b| char::from(*b).to_digit(base));
    let (mut value, mut count) = (0u32, 0);
    for digit in digits {
        value = value.wrapping_mul(base).wrapping_add(digit);
        count += 1;
    }
    *at += count;
    (count > 0).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::unescape;

    #[test]
    fn escapes() {
        assert_eq!(unescape("a\\tb\\n\\x41\\0101\\q\\", true).bytes, b"a\tb\nAA\\q\\");
        assert_eq!(unescape("\\101\\u00e9", false).bytes, "A\u{e9}".as_bytes());
        assert!(unescape("x\\cy", true).stopped);
    }
}
