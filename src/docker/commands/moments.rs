//! Moments as users give them to `--since` and `--until`.

use docker_api::time;
use machine::Sys;

use crate::cli::parse_duration;

/// A moment as the API takes it: seconds since 1970 with a fraction. `10m` means that long ago.
pub fn timestamp(sys: &Sys, text: &str) -> Result<String, String> {
    let show = |nanos: i128| format!("{}.{:09}", nanos.div_euclid(1_000_000_000), nanos.rem_euclid(1_000_000_000));
    if let Ok(nanos) = parse_duration(text) {
        return Ok(show(i128::from(sys.wall_clock().0) - i128::from(nanos)));
    }
    if text.split_once('.').map_or(text, |(whole, _)| whole).parse::<i64>().is_ok() {
        return Ok(text.to_string());
    }
    let nanos = time::parse_nanos(&complete(text));
    nanos
        .map(show)
        .ok_or_else(|| format!("failed to parse value as time or duration: {}", docker_api::text_quote(text)))
}

/// Fills up a date, or a time without a zone, to RFC 3339.
fn complete(text: &str) -> String {
    let (date, clock) = text.split_once('T').unwrap_or((text, ""));
    let zone_at = clock.find(['Z', '+', '-']).unwrap_or(clock.len());
    let (clock, zone) = clock.split_at(zone_at);
    let zone = if zone.is_empty() { "Z" } else { zone };
    let clock = match clock.matches(':').count() {
        _ if clock.is_empty() => "00:00:00".to_string(),
        0 => format!("{clock}:00:00"),
        1 => format!("{clock}:00"),
        _ => clock.to_string(),
    };
    let date = match date.matches('-').count() {
        0 => format!("{date}-01-01"),
        1 => format!("{date}-01"),
        _ => date.to_string(),
    };
    format!("{date}T{clock}{zone}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_forms_are_filled_up() {
        assert_eq!(complete("2026-11-22"), "2026-11-22T00:00:00Z");
        assert_eq!(complete("2026-11-22T01:02"), "2026-11-22T01:02:00Z");
        assert_eq!(complete("2026-11-22T01:02:03.5+09:00"), "2026-11-22T01:02:03.5+09:00");
    }
}
