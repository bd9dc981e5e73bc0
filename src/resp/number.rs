//! Numbers as they stand on the wire.

/// Appends the decimal form of `n`.
pub fn push_i64(out: &mut Vec<u8>, n: i64) {
    let mut digits = [0u8; 20];
    let mut at = digits.len();
    let mut rest = n.unsigned_abs();
    loop {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if n < 0 {
        out.push(b'-');
    }
    out.extend_from_slice(&digits[at..]);
}

/// The decimal form of `n` as bytes.
pub fn format_i64(n: i64) -> Vec<u8> {
    let mut out = Vec::with_capacity(20);
    push_i64(&mut out, n);
    out
}

/// Reads a decimal integer strictly: an optional `-`, no leading zeros, no `+`, no spaces, nothing
/// after it, within 64 bits. This is the form that Redis would print itself.
pub fn parse_i64(text: &[u8]) -> Option<i64> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        rest => (false, rest),
    };
    match digits {
        [] => return None,
        [b'0'] => return if negative { None } else { Some(0) },
        [b'0', ..] => return None,
        _ if digits.len() > 19 => return None,
        _ => {}
    }
    // Nineteen digits always fit.
    let mut magnitude: u64 = 0;
    for &c in digits {
        if !c.is_ascii_digit() {
            return None;
        }
        magnitude = magnitude * 10 + u64::from(c - b'0');
    }
    if negative {
        if magnitude > i64::MIN.unsigned_abs() { None } else { Some((magnitude as i64).wrapping_neg()) }
    } else {
        i64::try_from(magnitude).ok()
    }
}

/// A double as Redis prints it: integers without a point, otherwise the fewest digits that read
/// back equal (but see [`crate::grisu`]), with an exponent (`1e+21`, `1.5e-7`) where the plain form would grow long.
pub fn format_double(value: f64) -> String {
    if value.is_nan() {
        return "nan".into();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf".into() } else { "-inf".into() };
    }
    if value == 0.0 {
        return if value.is_sign_negative() { "-0".into() } else { "0".into() };
    }
    const LARGEST: f64 = (i64::MAX / 2) as f64;
    if (-LARGEST..=LARGEST).contains(&value) && value == value.trunc() {
        return (value as i64).to_string();
    }
    let (digits, last) = crate::grisu::digits(value.abs());
    let digits = digits.to_string();
    let exponent = last + digits.len() as i32 - 1;
    let mut out = String::with_capacity(digits.len() + 8);
    if value < 0.0 {
        out.push('-');
    }
    lay_out(&mut out, &digits, exponent);
    out
}

/// A double with 17 digits, as `%.17g` of C gives it: what Redis shows where it goes through a `long double`.
pub fn format_double_17(value: f64) -> String {
    if !value.is_finite() || value == 0.0 {
        return format_double(value);
    }
    // Most scores are whole, and up to there all digits of a whole number are shown.
    if value.abs() < 1e17 && value.trunc() == value {
        return (value as i64).to_string();
    }
    let scientific = format!("{value:.16e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if !(-4..17).contains(&exponent) {
        let mantissa = mantissa.trim_end_matches('0').trim_end_matches('.');
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{mantissa}e{sign}{:02}", exponent.abs());
    }
    let fixed = format!("{value:.*}", (16 - exponent) as usize);
    if fixed.contains('.') { fixed.trim_end_matches('0').trim_end_matches('.').to_owned() } else { fixed }
}

/// Puts the point (or the exponent) into `digits`, whose first digit stands for 10^exponent.
fn lay_out(out: &mut String, digits: &str, exponent: i32) {
    let count = digits.len() as i32;
    let last = exponent - count + 1;
    let magnitude = exponent.abs();
    if last >= 0 && magnitude < count + 7 {
        out.push_str(digits);
        out.extend(std::iter::repeat_n('0', last as usize));
    } else if last < 0 && (last > -7 || magnitude < 4) {
        let whole = count + last;
        if whole <= 0 {
            out.push_str("0.");
            out.extend(std::iter::repeat_n('0', (-whole) as usize));
            out.push_str(digits);
        } else {
            let (left, right) = digits.split_at(whole as usize);
            out.push_str(left);
            out.push('.');
            out.push_str(right);
        }
    } else {
        let (first, rest) = digits.split_at(1);
        out.push_str(first);
        if !rest.is_empty() {
            out.push('.');
            out.push_str(rest);
        }
        out.push('e');
        out.push(if exponent < 0 { '-' } else { '+' });
        out.push_str(&magnitude.to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_read_strictly() {
        assert_eq!(parse_i64(b"0"), Some(0));
        assert_eq!(parse_i64(b"-9223372036854775808"), Some(i64::MIN));
        assert_eq!(parse_i64(b"9223372036854775807"), Some(i64::MAX));
        for bad in ["", "-", "-0", "01", "+1", " 1", "1 ", "9223372036854775808", "-9223372036854775809", "1.0"] {
            assert_eq!(parse_i64(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn integers_print_back() {
        for n in [0, 7, -7, 10, i64::MIN, i64::MAX] {
            assert_eq!(format_i64(n), n.to_string().into_bytes());
        }
    }

    #[test]
    fn doubles_print_as_redis_prints_them() {
        let cases: [(f64, &str); 12] = [
            (3.0, "3"),
            (-0.0, "-0"),
            (3.25, "3.25"),
            (0.1, "0.1"),
            (1e21, "1e+21"),
            (1.5e-7, "1.5e-7"),
            (0.000123, "0.000123"),
            (1.7976931348623157e308, "1.7976931348623157e+308"),
            (123456.789, "123456.789"),
            (1e16, "10000000000000000"),
            (f64::INFINITY, "inf"),
            (f64::NEG_INFINITY, "-inf"),
        ];
        for (value, text) in cases {
            assert_eq!(format_double(value), text);
        }
    }

    #[test]
    fn seventeen_digits_are_those_of_c() {
        let cases = [
            (3.0, "3"),
            (-5.0, "-5"),
            (3.3, "3.2999999999999998"),
            (-0.0001, "-0.0001"),
            (0.00001, "1.0000000000000001e-05"),
            (1e16, "10000000000000000"),
            (99999999999999984.0, "99999999999999984"),
            (1e17, "1e+17"),
            (123456789012345680.0, "1.2345678901234568e+17"),
        ];
        for (value, text) in cases {
            assert_eq!(format_double_17(value), text);
        }
    }
}
