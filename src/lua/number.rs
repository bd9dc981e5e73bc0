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
            let is = |word: &[u8]| digits.eq_ignore_ascii_case(word);
            if let Some(n) = short_whole(digits) {
                n
            } else if is(b"inf") || is(b"infinity") {
                f64::INFINITY
            } else if is(b"nan") {
                f64::NAN
            } else if digits.first().is_some_and(|c| c.is_ascii_digit() || *c == b'.') {
                std::str::from_utf8(digits).ok()?.parse().ok()?
            } else {
                return None;
            }
        }
    };
    Some(if negative { -value } else { value })
}

/// Nothing but digits, so few that the number is exact.
fn short_whole(digits: &[u8]) -> Option<f64> {
    const EXACT: usize = 15;
    if digits.is_empty() || digits.len() > EXACT || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(digits.iter().fold(0u64, |n, c| n * 10 + u64::from(c - b'0')) as f64)
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
    whole(n, 14).map_or_else(|| format_g(n, 14, false), |n| n.to_string())
}

/// Adds a number as [`show_number`] gives it.
pub fn push_number(out: &mut Vec<u8>, n: f64) {
    push_g(out, n, 14);
}

/// Adds `%.{precision}g`.
pub fn push_g(out: &mut Vec<u8>, n: f64, precision: usize) {
    match whole(n, precision) {
        Some(n) => push_whole(out, n),
        None => out.extend_from_slice(format_g(n, precision, false).as_bytes()),
    }
}

/// A whole number of at most so many digits. Minus zero is none.
fn whole(n: f64, digits: usize) -> Option<i64> {
    const EXACT: [f64; 16] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];
    let k = n as i64;
    (n.abs() < EXACT[digits.min(15)] && k as f64 == n && (k != 0 || n.is_sign_positive())).then_some(k)
}

/// Adds a whole number's digits, with a minus sign in front where it needs one.
pub fn push_whole(out: &mut Vec<u8>, n: i64) {
    if n < 0 {
        out.push(b'-');
    }
    let mut digits = [0; 20];
    out.extend_from_slice(whole_digits(n.unsigned_abs(), &mut digits));
}

/// A whole number's digits.
pub fn whole_digits(mut n: u64, digits: &mut [u8; 20]) -> &[u8] {
    let mut from = digits.len();
    for (at, digit) in digits.iter_mut().enumerate().rev() {
        *digit = b'0' + (n % 10) as u8;
        n /= 10;
        from = at;
        if n == 0 {
            break;
        }
    }
    digits.get(from..).unwrap_or_default()
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
    if !alternate && let Some(text) = short_g(n, precision) {
        return text;
    }
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

/// `%.{precision}g` of a number to which a few digits lead: up to 15 of them, no other number of as many is nearer.
/// They are found much sooner than a given number of digits.
fn short_g(n: f64, precision: usize) -> Option<String> {
    const DISTINCT: usize = 15;
    if n.is_subnormal() || precision > DISTINCT {
        return None;
    }
    let text = format!("{n:e}");
    let (digits, exponent) = text.split_once('e')?;
    let count = digits.bytes().filter(u8::is_ascii_digit).count();
    let exponent: i32 = exponent.parse().ok()?;
    if count > precision {
        return None;
    }
    if (-4..precision as i32).contains(&exponent) {
        return Some(n.to_string());
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    Some(format!("{digits}e{sign}{:02}", exponent.unsigned_abs()))
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
        for (n, precision, text) in [
            (1.5, 14, "1.5"),
            (-0.1, 14, "-0.1"),
            (0.1, 17, "0.10000000000000001"),
            (123456.5, 6, "123456"),
            (1234567.0, 6, "1.23457e+06"),
            (1e21, 6, "1e+21"),
            (2.5e-5, 3, "2.5e-05"),
            (0.00025, 3, "0.00025"),
            (1e-300, 14, "1e-300"),
            (5e-324, 14, "4.9406564584125e-324"),
            (-0.0, 5, "-0"),
            (100.0, 2, "1e+02"),
        ] {
            assert_eq!(format_g(n, precision, false), text);
            let mut pushed = Vec::new();
            push_g(&mut pushed, n, precision);
            assert_eq!(String::from_utf8_lossy(&pushed), text);
        }
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
