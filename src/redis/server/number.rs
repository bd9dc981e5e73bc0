//! Numbers in texts, read as the C library reads them.

/// The whole number at the beginning, as `atoi` has it: what does not fit into 32 bits loses its upper part.
pub fn atoi(text: &[u8]) -> i64 {
    i64::from(atoll(text) as i32)
}

/// The whole number at the beginning, 0 where there is none, as `atoll` has it.
pub fn atoll(text: &[u8]) -> i64 {
    strtol(text).0
}

/// The whole number at the beginning, and what is behind it, as `strtol` has it.
pub fn strtol(text: &[u8]) -> (i64, &[u8]) {
    let space = |c: &u8| matches!(c, b' ' | b'\t'..=b'\r');
    let digits = &text[text.iter().take_while(|c| space(c)).count()..];
    let (negative, digits) = match digits {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, digits),
    };
    let length = digits.iter().take_while(|c| c.is_ascii_digit()).count();
    if length == 0 {
        return (0, text);
    }
    let (number, rest) = digits.split_at(length);
    let add = |n: i64, digit: &u8| {
        let digit = i64::from(digit - b'0');
        n.saturating_mul(10).saturating_add(if negative { -digit } else { digit })
    };
    (number.iter().fold(0, add), rest)
}

/// A natural number as `string2ull` of Redis has it: as it would be written, or as `strtoull` reads it, with blanks
/// before it and a sign.
pub fn string2ull(text: &[u8]) -> Option<u64> {
    let text = text.split(|c| *c == 0).next().unwrap_or_default();
    if let Some(number) = resp::parse_i64(text) {
        return u64::try_from(number).ok();
    }
    let digits = &text[text.iter().take_while(|c| matches!(c, b' ' | b'\t'..=b'\r')).count()..];
    let (negative, digits) = match digits {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, digits),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number: u64 = std::str::from_utf8(digits).ok()?.parse().ok()?;
    Some(if negative { number.wrapping_neg() } else { number })
}

/// Reads a double as the C library does: optional sign, decimal or hexadecimal, `inf`, no spaces
/// around it and no NaN.
pub fn parse_double(text: &[u8]) -> Option<f64> {
    let value = parse_any(text)?;
    // A number too large for a double is an error, unlike the word inf.
    let word = text.last().is_some_and(|c| c.eq_ignore_ascii_case(&b'f') || c.eq_ignore_ascii_case(&b'y'));
    (value.is_finite() || (word && !text.contains(&b'x') && !text.contains(&b'X'))).then_some(value)
}

/// Reads the limit of a range of scores: nothing is 0, what is too large is infinite, and hexadecimal is no number.
pub fn parse_limit(text: &[u8]) -> Option<f64> {
    let text = text.split(|c| *c == 0).next().unwrap_or_default();
    if text.is_empty() {
        return Some(0.0);
    }
    parse_any(text).filter(|_| !text.contains(&b'x') && !text.contains(&b'X'))
}

fn parse_any(text: &[u8]) -> Option<f64> {
    let text = std::str::from_utf8(text).ok()?;
    if text.is_empty() || text.starts_with(char::is_whitespace) {
        return None;
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let lower = unsigned.to_ascii_lowercase();
    let value = if let Some(hex) = lower.strip_prefix("0x") {
        let magnitude = parse_hex(hex)?;
        if text.starts_with('-') { -magnitude } else { magnitude }
    } else if lower.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        || matches!(lower.as_str(), "inf" | "infinity")
    {
        text.parse::<f64>().ok()?
    } else {
        return None;
    };
    (!value.is_nan()).then_some(value)
}

fn parse_hex(text: &str) -> Option<f64> {
    let (mantissa, exponent) = match text.split_once('p') {
        Some((m, e)) => (m, e.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let mut value = 0f64;
    for c in whole.chars() {
        value = value * 16.0 + f64::from(c.to_digit(16)?);
    }
    let mut scale = 1.0 / 16.0;
    for c in fraction.chars() {
        value += f64::from(c.to_digit(16)?) * scale;
        scale /= 16.0;
    }
    Some(value * 2f64.powi(exponent))
}

#[cfg(test)]
mod tests {
    use super::{atoi, atoll, parse_double, string2ull, strtol};

    #[test]
    fn whole_numbers_are_read_as_far_as_they_go() {
        let words =
            [&b"12x"[..], b" \t\x0b-3", b"+7", b"x", b"", b"- 1", b"--1", b"4294967297", b"99999999999999999999"];
        assert_eq!(words.map(atoll), [12, -3, 7, 0, 0, 0, 0, 4_294_967_297, i64::MAX]);
        assert_eq!(words.map(atoi), [12, -3, 7, 0, 0, 0, 0, 1, -1]);
        assert_eq!((strtol(b" 12x"), strtol(b" x")), ((12, &b"x"[..]), (0, &b" x"[..])));
    }

    #[test]
    fn limits_are_read_loosely() {
        use super::parse_limit;
        assert_eq!((parse_limit(b""), parse_limit(b"-1e400")), (Some(0.0), Some(f64::NEG_INFINITY)));
        assert_eq!((parse_limit(b"abc"), parse_limit(b"nan"), parse_limit(b"0x1p3")), (None, None, None));
    }

    #[test]
    fn cursors_are_read_loosely() {
        let words = [&b"12"[..], b" 1", b"+1", b"-0", b"007", b" -1", b"18446744073709551615"];
        assert_eq!(words.map(string2ull), [12, 1, 1, 0, 7, u64::MAX, u64::MAX].map(Some));
        for bad in ["", " ", "-1", "1 ", "abc", "+", "18446744073709551616"] {
            assert_eq!(string2ull(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn reads_what_strtod_reads() {
        assert_eq!(parse_double(b"3.5"), Some(3.5));
        assert_eq!(parse_double(b"+1e3"), Some(1000.0));
        assert_eq!(parse_double(b".5"), Some(0.5));
        assert_eq!(parse_double(b"5."), Some(5.0));
        assert_eq!(parse_double(b"-inf"), Some(f64::NEG_INFINITY));
        assert_eq!(parse_double(b"0x10"), Some(16.0));
        for bad in ["", " 1", "1 ", "nan", "1e", "abc", "1e400", "--1"] {
            assert_eq!(parse_double(bad.as_bytes()), None, "{bad}");
        }
    }
}
