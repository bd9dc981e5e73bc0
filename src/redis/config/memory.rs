//! Numbers of bytes with units: `1k` is 1000, `1kb` is 1024.

/// Reads a number of bytes; no digits are 0, and what is too large is negative.
pub fn parse(word: &[u8]) -> Option<i64> {
    let digits = word.iter().position(|c| !c.is_ascii_digit() && *c != b'-').unwrap_or(word.len());
    let (number, unit) = word.split_at(digits);
    let factor: i64 = match unit.to_ascii_lowercase().as_slice() {
        b"" | b"b" => 1,
        b"k" => 1000,
        b"kb" => 1 << 10,
        b"m" => 1_000_000,
        b"mb" => 1 << 20,
        b"g" => 1_000_000_000,
        b"gb" => 1 << 30,
        _ => return None,
    };
    if number.starts_with(b"-") {
        return None;
    }
    // Too many digits are the largest number, which the limits of the parameter refuse.
    let number = number.iter().try_fold(0i64, |n, c| n.checked_mul(10)?.checked_add(i64::from(c.checked_sub(b'0')?)));
    Some(number.and_then(|n| n.checked_mul(factor)).unwrap_or(-1))
}

/// A number of bytes for people: `1.00K`.
pub fn human(bytes: u64) -> String {
    let value = bytes as f64;
    const K: f64 = 1024.0;
    if bytes < 1 << 10 {
        format!("{bytes}B")
    } else if bytes < 1 << 20 {
        format!("{:.2}K", value / K)
    } else if bytes < 1 << 30 {
        format!("{:.2}M", value / K / K)
    } else if bytes < 1 << 40 {
        format!("{:.2}G", value / K / K / K)
    } else {
        format!("{:.2}T", value / K / K / K / K)
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn units_count_as_in_redis() {
        assert_eq!(super::parse(b"1k"), Some(1000));
        assert_eq!(super::parse(b"1KB"), Some(1024));
        assert_eq!(super::parse(b"2gb"), Some(2 << 30));
        assert_eq!(super::parse(b"1x"), None);
        assert_eq!(super::parse(b"-1"), None);
        assert_eq!(super::parse(b""), Some(0));
        assert_eq!(super::parse(b"99999999999999999999"), Some(-1));
        assert_eq!(super::human(796_320), "777.66K");
    }
}
