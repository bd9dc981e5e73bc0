//! Times and durations as the daemon writes and reads them.

use docker_api::time::{rfc3339_nano, rfc3339_nano_fixed};
use machine::UnixTime;

use crate::error::{ApiError, ApiResult};

/// RFC 3339 with as many digits as needed.
pub fn nano_text(time: UnixTime) -> String {
    rfc3339_nano(time.seconds(), time.subsec_nanos())
}

/// RFC 3339 with nine digits.
pub fn fixed_text(time: UnixTime) -> String {
    rfc3339_nano_fixed(time.seconds(), time.subsec_nanos())
}

/// A Go duration such as `1h30m`, `10s`, `1.5h`, in nanoseconds; `None` if it is none.
pub fn parse_duration(text: &str) -> Option<i64> {
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Some(0);
    }
    let mut total = 0.0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').filter(|e| *e > 0)?;
        let value: f64 = rest[..end].parse().ok()?;
        rest = &rest[end..];
        let unit_end = rest.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(rest.len());
        total += value
            * match &rest[..unit_end] {
                "ns" => 1.0,
                "us" | "µs" | "μs" => 1e3,
                "ms" => 1e6,
                "s" => 1e9,
                "m" => 6e10,
                "h" => 3.6e12,
                _ => return None,
            };
        rest = &rest[unit_end..];
    }
    (total < 9.2e18).then_some(if negative { -total as i64 } else { total as i64 })
}

/// A duration as Go prints it: `5s`, `1m30s`, `1.5ms`, `0s` (Go: `time.Duration.String`).
pub fn duration_text(nanos: i64) -> String {
    let sign = if nanos < 0 { "-" } else { "" };
    let nanos = nanos.unsigned_abs();
    // Units of so many digits, with what is left behind the point.
    let decimal = |nanos: u64, digits: usize| {
        let unit = 10_u64.pow(digits as u32);
        let text = format!("{}.{:0digits$}", nanos / unit, nanos % unit);
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    };
    let text = match nanos {
        0 => "0s".to_owned(),
        1..1_000 => format!("{nanos}ns"),
        1_000..1_000_000 => decimal(nanos, 3) + "µs",
        1_000_000..1_000_000_000 => decimal(nanos, 6) + "ms",
        _ => {
            let seconds = decimal(nanos % 60_000_000_000, 9) + "s";
            let minutes = nanos / 60_000_000_000;
            match (minutes / 60, minutes % 60) {
                (0, 0) => seconds,
                (0, minutes) => format!("{minutes}m{seconds}"),
                (hours, minutes) => format!("{hours}h{minutes}m{seconds}"),
            }
        }
    };
    format!("{sign}{text}")
}

/// A time given as Unix seconds, RFC 3339 or a duration back from now, in nanoseconds since 1970.
pub fn point_in_time(text: &str, now: UnixTime) -> ApiResult<i128> {
    let now = i128::from(now.0);
    if let Some(duration) = parse_duration(text).filter(|_| !text.bytes().all(|b| b.is_ascii_digit())) {
        return Ok(now - i128::from(duration));
    }
    if let Some(nanos) = docker_api::time::parse_nanos(text) {
        return Ok(nanos);
    }
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let fraction = format!("{fraction:0<9}");
    match (seconds.parse::<i128>(), fraction.get(..9).and_then(|f| f.parse::<i128>().ok())) {
        (Ok(s), Some(f)) => Ok(s * 1_000_000_000 + f),
        _ => Err(ApiError::bad(format!("failed to parse value as time or duration: {}", docker_api::text_quote(text)))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_printed_as_go_does() {
        for (nanos, text) in [
            (0, "0s"),
            (999, "999ns"),
            (1_500, "1.5µs"),
            (500_000_000, "500ms"),
            (1_100_000_000, "1.1s"),
            (90_100_000_000, "1m30.1s"),
            (3_600_000_000_000, "1h0m0s"),
            (-2_000_000_000, "-2s"),
        ] {
            assert_eq!(duration_text(nanos), text);
        }
    }

    #[test]
    fn durations_are_read() {
        assert_eq!(parse_duration("1h30m"), Some(5_400_000_000_000));
        assert_eq!(parse_duration("1.5s"), Some(1_500_000_000));
        for bad in ["", "x", "5", "1y", "s"] {
            assert_eq!(parse_duration(bad), None, "{bad}");
        }
    }
}
