//! RFC 3339 times, as the API writes and reads them.

/// Go's zero time, which the API shows for "never".
pub const ZERO: &str = "0001-01-01T00:00:00Z";

const DAY: i64 = 86_400;

/// Year, month, day of a number of days since 1970-01-01 (Gregorian calendar).
pub fn civil(days: i64) -> (i64, u32, u32) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    let year = yoe + era * 400 + i64::from(month <= 2);
    (year, month as u32, (doy - (153 * mp + 2) / 5 + 1) as u32)
}

/// Days since 1970-01-01 of a date.
pub fn days(year: i64, month: u32, day: u32) -> i64 {
    let y = year - i64::from(month <= 2);
    let era = y.div_euclid(400);
    let yoe = y.rem_euclid(400);
    let m = i64::from(month);
    let doy = (153 * (if m > 2 { m - 3 } else { m + 9 }) + 2) / 5 + i64::from(day) - 1;
    era * 146_097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719_468
}

fn seconds_text(seconds: i64) -> String {
    let (year, month, day) = civil(seconds.div_euclid(DAY));
    let rest = seconds.rem_euclid(DAY);
    let (h, m, s) = (rest / 3600, rest / 60 % 60, rest % 60);
    format!("{year:04}-{month:02}-{day:02}T{h:02}:{m:02}:{s:02}")
}

/// `2026-11-22T01:23:29Z`
pub fn rfc3339(seconds: i64) -> String {
    seconds_text(seconds) + "Z"
}

/// `2026-11-22T01:23:29.963082873Z`, trailing zeros of the fraction left out.
pub fn rfc3339_nano(seconds: i64, nanos: u32) -> String {
    let fraction = format!(".{nanos:09}");
    let fraction = fraction.trim_end_matches('0').trim_end_matches('.');
    format!("{}{fraction}Z", seconds_text(seconds))
}

/// The same with nine digits always, as log lines and events have it.
pub fn rfc3339_nano_fixed(seconds: i64, nanos: u32) -> String {
    format!("{}.{nanos:09}Z", seconds_text(seconds))
}

/// Seconds and nanoseconds since 1970 of an RFC 3339 text.
pub fn parse_rfc3339(text: &str) -> Option<(i64, u32)> {
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<i64>().ok();
    let b = text.as_bytes();
    let at = |i: usize, c: u8| (b.get(i) == Some(&c)).then_some(());
    at(4, b'-').and(at(7, b'-')).and(at(13, b':')).and(at(16, b':'))?;
    if !matches!(b.get(10)?, b'T' | b't' | b' ') {
        return None;
    }
    let (month, day) = (number(5, 7)? as u32, number(8, 10)? as u32);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let date = days(number(0, 4)?, month, day);
    let mut seconds = date * DAY + number(11, 13)? * 3600 + number(14, 16)? * 60 + number(17, 19)?;
    let rest = text.get(19..)?;
    let (fraction, zone) = match rest.strip_prefix('.') {
        Some(tail) => tail.split_at(tail.find(|c: char| !c.is_ascii_digit())?),
        None => ("", rest),
    };
    let padded = format!("{fraction:0<9}");
    let nanos = padded.get(..9)?.parse().ok()?;
    match zone.as_bytes() {
        [b'Z' | b'z'] => {}
        [sign @ (b'+' | b'-'), _, _, b':', _, _] => {
            let offset = zone.get(1..3)?.parse::<i64>().ok()? * 3600 + zone.get(4..6)?.parse::<i64>().ok()? * 60;
            seconds -= if *sign == b'-' { -offset } else { offset };
        }
        _ => return None,
    }
    Some((seconds, nanos))
}

/// A time as nanoseconds since 1970.
pub fn parse_nanos(text: &str) -> Option<i128> {
    parse_rfc3339(text).map(|(s, n)| i128::from(s) * 1_000_000_000 + i128::from(n))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_survive() {
        for (s, n, text) in [
            (0, 0, "1970-01-01T00:00:00Z"),
            (1_795_310_609, 963_082_873, "2026-11-22T01:23:29.963082873Z"),
            (951_782_400, 120_000_000, "2000-02-29T00:00:00.12Z"),
            (-62_135_596_800, 0, ZERO),
        ] {
            assert_eq!(rfc3339_nano(s, n), text);
            assert_eq!(parse_rfc3339(text), Some((s, n)));
        }
        assert_eq!(rfc3339_nano_fixed(0, 0), "1970-01-01T00:00:00.000000000Z");
    }

    #[test]
    fn zones_count() {
        assert_eq!(parse_rfc3339("1970-01-01T09:00:00+09:00"), Some((0, 0)));
        assert_eq!(parse_rfc3339("1969-12-31T23:00:00-01:00"), Some((0, 0)));
        for bad in ["", "1970", "1970-13-01T00:00:00Z", "1970-01-01T00:00:00", "1970-01-01T00:00:00.5"] {
            assert_eq!(parse_rfc3339(bad), None, "{bad}");
        }
    }
}
