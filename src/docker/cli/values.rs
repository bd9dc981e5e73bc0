//! Values of flags by their types, with Go's error texts.

use docker_api::{text_quote, units};

/// Go's `strconv.ParseBool`.
pub fn parse_bool(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Some(true),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Some(false),
        _ => None,
    }
}

/// Checks `value` against the type that help shows.
pub fn check_value(kind: &str, value: &str) -> Result<(), String> {
    match kind {
        "" if parse_bool(value).is_none() => {
            Err(format!("strconv.ParseBool: parsing {}: invalid syntax", text_quote(value)))
        }
        "int" => number(value, "ParseInt", i64::MIN.into(), i64::MAX.into()),
        "uint" => number(value, "ParseUint", 0, u64::MAX.into()),
        "uint16" => number(value, "ParseUint", 0, u16::MAX.into()),
        "uint32" => number(value, "ParseUint", 0, u32::MAX.into()),
        "bytes" if value != "-1" => units::ram_in_bytes(value).map(|_| ()),
        "duration" => parse_duration(value).map(|_| ()),
        "decimal" => nano_cpus(value).map(|_| ()),
        "filter" => filter(value),
        _ => Ok(()),
    }
}

fn number(value: &str, function: &str, low: i128, high: i128) -> Result<(), String> {
    let digits = value.strip_prefix(['-', '+']).unwrap_or(value);
    let signed = digits.len() != value.len();
    let (digits, radix) = match digits.get(..2) {
        Some("0x" | "0X") => (&digits[2..], 16),
        Some("0b" | "0B") => (&digits[2..], 2),
        Some("0o" | "0O") => (&digits[2..], 8),
        _ if digits.len() > 1 && digits.starts_with('0') => (&digits[1..], 8),
        _ => (digits, 10),
    };
    let error = |why: &str| Err(format!("strconv.{function}: parsing {}: {why}", text_quote(value)));
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) || (signed && low == 0) {
        return error("invalid syntax");
    }
    let magnitude = i128::from_str_radix(digits, radix).unwrap_or(i128::MAX);
    let parsed = if value.starts_with('-') { -magnitude } else { magnitude };
    if parsed < low || parsed > high { error("value out of range") } else { Ok(()) }
}

/// `--cpus`: a decimal to nanoseconds of CPU a second.
pub fn nano_cpus(value: &str) -> Result<i64, String> {
    let bad = || format!("failed to parse {value} as a rational number");
    let (whole, fraction) = value.split_once('.').unwrap_or((value, ""));
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    let unsigned = whole.strip_prefix('-').unwrap_or(whole);
    if (unsigned.is_empty() && fraction.is_empty()) || !digits(unsigned) || !digits(fraction) {
        return Err(bad());
    }
    if fraction.trim_end_matches('0').len() > 9 {
        return Err("value is too precise".to_string());
    }
    let padded: String = fraction.chars().chain("000000000".chars()).take(9).collect();
    let parse = |s: &str| if s.is_empty() { Some(0) } else { s.parse::<i64>().ok() };
    let (high, low) = (parse(unsigned).ok_or_else(bad)?, parse(&padded).ok_or_else(bad)?);
    let sum = high.checked_mul(1_000_000_000).and_then(|h| h.checked_add(low)).ok_or_else(bad)?;
    Ok(if whole.starts_with('-') { -sum } else { sum })
}

fn filter(value: &str) -> Result<(), String> {
    if value.is_empty() || value.contains('=') {
        return Ok(());
    }
    Err("bad format of filter (expected name=value)".to_string())
}

/// Go's `time.ParseDuration`, in nanoseconds.
pub fn parse_duration(text: &str) -> Result<i64, String> {
    let invalid = || format!("time: invalid duration {}", text_quote(text));
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut total = 0f64;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let number: f64 = rest[..end].parse().map_err(|_| invalid())?;
        rest = &rest[end..];
        let end = rest.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(rest.len());
        let unit = match &rest[..end] {
            "" => return Err(format!("time: missing unit in duration {}", text_quote(text))),
            "ns" => 1.0,
            "us" | "µs" | "μs" => 1e3,
            "ms" => 1e6,
            "s" => 1e9,
            "m" => 60e9,
            "h" => 3600e9,
            other => {
                return Err(format!("time: unknown unit {} in duration {}", text_quote(other), text_quote(text)));
            }
        };
        total += number * unit;
        rest = &rest[end..];
    }
    if total > 9.2e18 {
        return Err(invalid());
    }
    Ok(if negative { -(total as i64) } else { total as i64 })
}
