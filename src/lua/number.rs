//! Numbers as text, the way C's `printf` and `strtod` have it.

/// Reads a number as `tonumber` does: spaces around, decimal or hexadecimal, `inf` and `nan`.
pub fn parse_number(text: &[u8]) -> Option<f64> {
    let text = trim(text);
    let (negative, digits) = match text.first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let value = match digits {
        [b'0', b'x' | b'X', hex @ ..] => parse_hex(hex)?,
        _ => {
            let text = std::str::from_utf8(digits).ok()?;
            let lower = text.to_ascii_lowercase();
            if matches!(lower.as_str(), "inf" | "infinity") {
                f64::INFINITY
            } else if lower == "nan" {
                f64::NAN
            } else if digits.first().is_some_and(|c| c.is_ascii_digit() || *c == b'.') {
                text.parse().ok()?
            } else {
                return None;
            }
        }
    };
    Some(if negative { -value } else { value })
}

fn parse_hex(hex: &[u8]) -> Option<f64> {
    let (mut value, mut scale, mut digits, mut point) = (0.0, 0i32, 0, false);
    let mut at = 0;
    while let Some(c) = hex.get(at) {
        if let Some(digit) = (*c as char).to_digit(16) {
            value = value * 16.0 + f64::from(digit);
            digits += 1;
            scale -= if point { 4 } else { 0 };
        } else if *c == b'.' && !point {
            point = true;
        } else {
            break;
        }
        at += 1;
    }
    if digits == 0 {
        return None;
    }
    if let Some(b'p' | b'P') = hex.get(at) {
        let exponent: i32 = std::str::from_utf8(&hex[at + 1..]).ok()?.parse().ok()?;
        scale = scale.saturating_add(exponent);
    } else if at < hex.len() {
        return None;
    }
    Some(value * f64::powi(2.0, scale))
}

/// The length of the number that `strtod` would read at the start, and its value.
pub fn parse_prefix(text: &[u8]) -> Option<(f64, usize)> {
    let mut at = text.iter().take_while(|c| c.is_ascii_whitespace() || **c == 11).count();
    let from = at;
    if matches!(text.get(at), Some(b'+' | b'-')) {
        at += 1;
    }
    let rest = &text[at..];
    let starts = |word: &str| rest.len() >= word.len() && rest[..word.len()].eq_ignore_ascii_case(word.as_bytes());
    let len = if starts("infinity") {
        8
    } else if starts("inf") || starts("nan") {
        3
    } else if starts("0x") && rest.get(2).is_some_and(|c| c.is_ascii_hexdigit() || *c == b'.') {
        hex_length(rest)
    } else {
        decimal_length(rest)
    };
    let end = at + len;
    let value = parse_number(text.get(from..end)?)?;
    Some((value, end))
}

fn hex_length(text: &[u8]) -> usize {
    let mut end = 2 + text[2..].iter().take_while(|c| c.is_ascii_hexdigit() || **c == b'.').count();
    if let Some(b'p' | b'P') = text.get(end) {
        let sign = usize::from(matches!(text.get(end + 1), Some(b'+' | b'-')));
        let digits = text.iter().skip(end + 1 + sign).take_while(|c| c.is_ascii_digit()).count();
        if digits > 0 {
            end += 1 + sign + digits;
        }
    }
    end
}

fn decimal_length(text: &[u8]) -> usize {
    let digits = |from: usize| text.iter().skip(from).take_while(|c| c.is_ascii_digit()).count();
    let whole = digits(0);
    let mut end = whole;
    if text.get(end) == Some(&b'.') {
        let fraction = digits(end + 1);
        if whole + fraction > 0 {
            end += 1 + fraction;
        }
    }
    if end > 0
        && let Some(b'e' | b'E') = text.get(end)
    {
        let sign = usize::from(matches!(text.get(end + 1), Some(b'+' | b'-')));
        let exponent = digits(end + 1 + sign);
        if exponent > 0 {
            end += 1 + sign + exponent;
        }
    }
    end
}

fn trim(text: &[u8]) -> &[u8] {
    let space = |c: &u8| c.is_ascii_whitespace() || *c == 11;
    let from = text.iter().position(|c| !space(c)).unwrap_or(text.len());
    let to = text.iter().rposition(|c| !space(c)).map_or(from, |n| n + 1);
    &text[from..to]
}

/// A number as `tostring` shows it: `%.14g`.
pub fn show_number(n: f64) -> String {
    if n == n.trunc() && n.abs() < 1e14 && (n != 0.0 || n.is_sign_positive()) {
        return (n as i64).to_string();
    }
    format_g(n, 14, false)
}

fn special(n: f64) -> Option<String> {
    if n.is_nan() {
        return Some(if n.is_sign_negative() { "-nan".into() } else { "nan".into() });
    }
    n.is_infinite().then(|| if n < 0.0 { "-inf".into() } else { "inf".into() })
}

/// `%.{precision}e`
pub fn format_e(n: f64, precision: usize, alternate: bool) -> String {
    if let Some(text) = special(n) {
        return text;
    }
    let text = format!("{n:.precision$e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, exponent) = match exponent.strip_prefix('-') {
        Some(rest) => ('-', rest),
        None => ('+', exponent),
    };
    let point = if alternate && precision == 0 { "." } else { "" };
    format!("{digits}{point}e{sign}{exponent:0>2}")
}

/// `%.{precision}f`
pub fn format_f(n: f64, precision: usize, alternate: bool) -> String {
    if let Some(text) = special(n) {
        return text;
    }
    let point = if alternate && precision == 0 { "." } else { "" };
    format!("{n:.precision$}{point}")
}

/// `%.{precision}g`
pub fn format_g(n: f64, precision: usize, alternate: bool) -> String {
    if let Some(text) = special(n) {
        return text;
    }
    let precision = precision.max(1);
    let text = format!("{:.*e}", precision - 1, n);
    let exponent: i32 = text.split_once('e').and_then(|(_, e)| e.parse().ok()).unwrap_or(0);
    if exponent < -4 || exponent >= precision as i32 {
        let text = format_e(n, precision - 1, alternate);
        if alternate {
            return text;
        }
        let (digits, tail) = text.split_once('e').unwrap_or((&text, "+00"));
        return format!("{}e{tail}", strip_zeros(digits));
    }
    let decimals = (precision as i32 - 1 - exponent).max(0) as usize;
    let text = format_f(n, decimals, alternate);
    if alternate { text } else { strip_zeros(&text).to_owned() }
}

fn strip_zeros(digits: &str) -> &str {
    if digits.contains('.') { digits.trim_end_matches('0').trim_end_matches('.') } else { digits }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_show_as_printf_does() {
        let cases = [
            (1.0, "1"),
            (-0.0, "-0"),
            (0.1, "0.1"),
            (1e15, "1e+15"),
            (1e14, "1e+14"),
            (123456789012345.0, "1.2345678901234e+14"),
            (2.0 / 3.0, "0.66666666666667"),
            (1e-5, "1e-05"),
            (f64::INFINITY, "inf"),
            (2f64.powi(53), "9.007199254741e+15"),
        ];
        for (n, text) in cases {
            assert_eq!(show_number(n), text);
        }
        assert_eq!(format_g(0.0, 6, true), "0.00000");
        assert_eq!(format_e(12345.678, 2, false), "1.23e+04");
    }

    #[test]
    fn numbers_are_read_as_strtod_does() {
        assert_eq!(parse_number(b" 0x10 "), Some(16.0));
        assert_eq!(parse_number(b"-1e3"), Some(-1000.0));
        assert_eq!(parse_number(b"1e"), None);
        assert_eq!(parse_number(b""), None);
        assert_eq!(parse_number(b"1 2"), None);
        assert_eq!(parse_number(b"0x"), None);
        assert_eq!(parse_number(b".5"), Some(0.5));
        assert_eq!(parse_number(b"5."), Some(5.0));
        assert_eq!(parse_prefix(b"12abc"), Some((12.0, 2)));
        assert_eq!(parse_prefix(b"-1.5e2]"), Some((-150.0, 6)));
        assert_eq!(parse_prefix(b"-"), None);
    }
}
