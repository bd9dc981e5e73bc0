//! Sizes and durations in words and back, as the go-units package words them.

use std::fmt::Write as _;

const DECIMAL: [&str; 9] = ["B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"];
const BINARY: [&str; 9] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"];

/// "Less than a second", "5 seconds", "About a minute", "3 weeks", … for a span of nanoseconds.
pub fn human_duration(nanos: i128) -> String {
    let seconds = nanos / 1_000_000_000;
    let minutes = seconds / 60;
    // Hours are rounded to the nearest, everything else is cut.
    let hours = (nanos + 1_800_000_000_000).div_euclid(3_600_000_000_000);
    match () {
        () if seconds < 1 => "Less than a second".into(),
        () if seconds == 1 => "1 second".into(),
        () if seconds < 60 => format!("{seconds} seconds"),
        () if minutes == 1 => "About a minute".into(),
        () if minutes < 60 => format!("{minutes} minutes"),
        () if hours == 1 => "About an hour".into(),
        () if hours < 48 => format!("{hours} hours"),
        () if hours < 24 * 7 * 2 => format!("{} days", hours / 24),
        () if hours < 24 * 30 * 2 => format!("{} weeks", hours / 24 / 7),
        () if hours < 24 * 365 * 2 => format!("{} months", hours / 24 / 30),
        () => format!("{} years", nanos / 3_600_000_000_000 / 24 / 365),
    }
}

/// Go's `%.{digits}g`.
pub fn general(value: f64, digits: usize) -> String {
    if value == 0.0 {
        return "0".into();
    }
    let scientific = format!("{value:.*e}", digits.saturating_sub(1));
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let trim = |s: &str| match s.contains('.') {
        true => s.trim_end_matches('0').trim_end_matches('.').to_string(),
        false => s.to_string(),
    };
    if exponent < -4 || exponent >= digits as i32 {
        let mut out = trim(mantissa);
        let sign = if exponent < 0 { '-' } else { '+' };
        let _ = write!(out, "e{sign}{:02}", exponent.abs());
        return out;
    }
    let decimals = (digits as i32 - 1 - exponent).max(0) as usize;
    trim(&format!("{value:.decimals$}"))
}

fn scaled(mut size: f64, base: f64, digits: usize, units: &[&str; 9]) -> String {
    let mut unit = 0;
    while size >= base && unit < units.len() - 1 {
        size /= base;
        unit += 1;
    }
    general(size, digits) + units[unit]
}

/// `2.306MB`: four significant digits, powers of 1000.
pub fn human_size(bytes: f64) -> String {
    scaled(bytes, 1000.0, 4, &DECIMAL)
}

/// `2.31MB`: as [`human_size`] with another number of significant digits.
pub fn human_size_with(bytes: f64, digits: usize) -> String {
    scaled(bytes, 1000.0, digits, &DECIMAL)
}

/// `23.54GiB`: four significant digits, powers of 1024.
pub fn bytes_size(bytes: f64) -> String {
    scaled(bytes, 1024.0, 4, &BINARY)
}

/// A size such as `64m`, `1.5 GiB` in powers of 1024.
pub fn ram_in_bytes(text: &str) -> Result<i64, String> {
    parse_size(text, 1024.0)
}

/// A size such as `10GB` in powers of 1000.
pub fn from_human_size(text: &str) -> Result<i64, String> {
    parse_size(text, 1000.0)
}

fn parse_size(text: &str, base: f64) -> Result<i64, String> {
    let invalid = || format!("invalid size: '{text}'");
    let sep = text.rfind(|c: char| c.is_ascii_digit() || c == '.' || c == ' ').ok_or_else(invalid)?;
    let (number, suffix) = (&text[..=sep], &text[sep + 1..]);
    let number = number.strip_suffix(' ').unwrap_or(number);
    let size: f64 = number
        .parse()
        .map_err(|_| format!("strconv.ParseFloat: parsing {}: invalid syntax", crate::text_quote(number)))?;
    if size < 0.0 {
        return Err(invalid());
    }
    let suffix = suffix.to_ascii_lowercase();
    let bad = || format!("invalid suffix: '{suffix}'");
    let power = match suffix.as_bytes() {
        [] | [b'b'] => return Ok(size as i64),
        [unit] | [unit, b'b'] | [unit, b'i', b'b'] => {
            b"kmgtp".iter().position(|u| u == unit).ok_or_else(bad)? as i32 + 1
        }
        _ => return Err(bad()),
    };
    Ok((size * base.powi(power)) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_in_words() {
        let s = |n: i128| human_duration(n * 1_000_000_000);
        assert_eq!(human_duration(999_999_999), "Less than a second");
        assert_eq!(s(1), "1 second");
        assert_eq!(s(59), "59 seconds");
        assert_eq!(s(60), "About a minute");
        assert_eq!(s(120), "2 minutes");
        assert_eq!(s(3599), "59 minutes");
        assert_eq!(s(3600), "About an hour");
        assert_eq!(s(5400), "2 hours");
        assert_eq!(s(48 * 3600), "2 days");
        assert_eq!(s(14 * 86400), "2 weeks");
        assert_eq!(s(197 * 86400), "6 months");
        assert_eq!(s(3 * 365 * 86400), "3 years");
    }

    #[test]
    fn sizes_in_words() {
        assert_eq!(human_size(2_306_425.0), "2.306MB");
        assert_eq!(human_size_with(2_306_425.0, 3), "2.31MB");
        assert_eq!(human_size_with(89_527_303.0, 3), "89.5MB");
        assert_eq!(human_size(0.0), "0B");
        assert_eq!(human_size(2.0), "2B");
        assert_eq!(human_size(1000.0), "1kB");
        assert_eq!(human_size_with(999_900.0, 3), "1e+03kB");
        assert_eq!(bytes_size(25_275_000_000.0), "23.54GiB");
        assert_eq!(bytes_size(1023.0 * 1024.0), "1023KiB");
    }

    #[test]
    fn sizes_back() {
        assert_eq!(ram_in_bytes("64m"), Ok(67_108_864));
        assert_eq!(ram_in_bytes("1.5 GiB"), Ok(1_610_612_736));
        assert_eq!(ram_in_bytes("12b"), Ok(12));
        assert_eq!(from_human_size("1kB"), Ok(1000));
        assert_eq!(ram_in_bytes("abc"), Err("invalid size: 'abc'".into()));
        assert_eq!(ram_in_bytes("-1"), Err("invalid size: '-1'".into()));
        assert_eq!(ram_in_bytes("1x"), Err("invalid suffix: 'x'".into()));
        assert!(ram_in_bytes("1.2.3").is_err());
    }
}
