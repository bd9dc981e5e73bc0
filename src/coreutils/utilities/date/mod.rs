//! `date`: the date and time.

use machine::{ExitCode, UnixTime};

use crate::context::Context;
use crate::options::{HELP, Spec, VERSION, Value};
use crate::text::civil_from_days;

mod describe;

pub use describe::describe;

const SPEC: Spec = Spec {
    short: "d:r:uR",
    long: &[
        ("date", 'd', Value::Required),
        ("reference", 'r', Value::Required),
        ("utc", 'u', Value::None),
        ("universal", 'u', Value::None),
        ("rfc-email", 'R', Value::None),
        ("iso-8601", 'I', Value::Optional),
        HELP,
        VERSION,
    ],
    posix: false,
};

const USAGE: &str = "\
Usage: date [OPTION]... [+FORMAT]
  or:  date [-u|--utc|--universal] [MMDDhhmm[[CC]YY][.ss]]
Display date and time in the given FORMAT.
With -s, or with [MMDDhhmm[[CC]YY][.ss]], set the date and time.

  -d, --date=STRING          display time described by STRING, not 'now'
  -I[FMT], --iso-8601[=FMT]  output date/time in ISO 8601 format
  -r, --reference=FILE       display the last modification time of FILE
  -R, --rfc-email            output date and time in RFC 5322 format
  -u, --utc, --universal     print or set Coordinated Universal Time (UTC)
      --help        display this help and exit
      --version     output version information and exit
";

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    // `-I` takes its value only where it follows directly.
    for arg in &mut cx.args {
        if let Some(rest) = arg.strip_prefix("-I") {
            *arg = if rest.is_empty() { "--iso-8601".into() } else { format!("--iso-8601={rest}") };
        }
    }
    let parsed = match cx.options(&SPEC, USAGE).await {
        Ok(parsed) => parsed,
        Err(status) => return status,
    };
    let mut time = cx.sys.wall_clock();
    if let Some(file) = parsed.value('r') {
        match cx.sys.stat(file) {
            Ok(attr) => time = attr.mtime,
            Err(error) => {
                cx.error(format_args!("{file}: {error}")).await;
                return cx.status();
            }
        }
    }
    if let Some(text) = parsed.value('d') {
        let Some(described) = describe(text, time) else {
            let shown = if cx.is_busybox() { format!("'{text}'") } else { cx.quote(text) };
            cx.error(format_args!("invalid date {shown}")).await;
            return cx.status();
        };
        time = described;
    }
    let format = match parsed.operands.first() {
        Some(operand) => match operand.strip_prefix('+') {
            Some(format) => format.to_string(),
            None => {
                cx.error("cannot set date: Operation not permitted").await;
                return cx.status();
            }
        },
        None if parsed.has('R') => "%a, %d %b %Y %H:%M:%S +0000".into(),
        None => match parsed.options.iter().find(|(o, _)| *o == 'I').map(|(_, v)| v.as_deref()) {
            Some(Some("seconds" | "s")) => "%Y-%m-%dT%H:%M:%S+00:00".into(),
            Some(Some("minutes" | "m")) => "%Y-%m-%dT%H:%M+00:00".into(),
            Some(Some("hours" | "h")) => "%Y-%m-%dT%H+00:00".into(),
            Some(Some("ns")) => "%Y-%m-%dT%H:%M:%S,%N+00:00".into(),
            Some(_) => "%Y-%m-%d".into(),
            None => "%a %b %e %H:%M:%S %Z %Y".into(),
        },
    };
    let line = strftime(&format, time);
    cx.line(&line).await;
    cx.status()
}

const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// `strftime(3)` in the C locale and UTC, with GNU's `%N`, `%s` and `%-`.
pub fn strftime(format: &str, time: UnixTime) -> String {
    let seconds = time.seconds();
    let (days, rest) = (seconds.div_euclid(86400), seconds.rem_euclid(86400));
    let (year, month, day) = civil_from_days(days);
    let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
    let weekday = (days + 4).rem_euclid(7) as usize;
    let day_of_year = days - crate::text::days_from_civil(year, 1, 1) + 1;
    let month_name = MONTHS[month as usize - 1];
    let mut out = String::new();
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let mut spec = chars.next();
        let unpadded = spec == Some('-');
        if unpadded {
            spec = chars.next();
        }
        let two = |n: i64| if unpadded { n.to_string() } else { format!("{n:02}") };
        let piece = match spec {
            Some('Y') => year.to_string(),
            Some('y') => two(year.rem_euclid(100)),
            Some('C') => two(year.div_euclid(100)),
            Some('m') => two(i64::from(month)),
            Some('d') => two(i64::from(day)),
            Some('e') if unpadded => day.to_string(),
            Some('e') => format!("{day:2}"),
            Some('H') => two(hour),
            Some('I') => two((hour + 11) % 12 + 1),
            Some('M') => two(minute),
            Some('S') => two(second),
            Some('q') => ((month - 1) / 3 + 1).to_string(),
            Some('k') => format!("{hour:2}"),
            Some('l') => format!("{:2}", (hour + 11) % 12 + 1),
            Some('N') => format!("{:09}", time.subsec_nanos()),
            Some('s') => seconds.to_string(),
            Some('j') => format!("{day_of_year:03}"),
            Some('p') => if hour < 12 { "AM" } else { "PM" }.into(),
            Some('a') => DAYS[weekday][..3].into(),
            Some('A') => DAYS[weekday].into(),
            Some('b' | 'h') => month_name[..3].into(),
            Some('B') => month_name.into(),
            Some('U') => format!("{:02}", (day_of_year + 6 - weekday as i64) / 7),
            Some('W') => format!("{:02}", (day_of_year + 6 - (weekday as i64 + 6) % 7) / 7),
            Some('u') => if weekday == 0 { 7 } else { weekday }.to_string(),
            Some('w') => weekday.to_string(),
            Some('Z') => "UTC".into(),
            Some('z') => "+0000".into(),
            Some('n') => "\n".into(),
            Some('t') => "\t".into(),
            Some('%') => "%".into(),
            Some('F') => strftime("%Y-%m-%d", time),
            Some('T' | 'X') => strftime("%H:%M:%S", time),
            Some('R') => strftime("%H:%M", time),
            Some('D' | 'x') => strftime("%m/%d/%y", time),
            Some('c') => strftime("%a %b %e %H:%M:%S %Y", time),
            Some('r') => strftime("%I:%M:%S %p", time),
            Some(other) => format!("%{other}"),
            None => "%".into(),
        };
        out.push_str(&piece);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats() {
        let time = UnixTime(1_767_603_600_123_456_789);
        assert_eq!(strftime("%a %b %e %H:%M:%S %Z %Y", time), "Mon Jan  5 09:00:00 UTC 2026");
        assert_eq!(strftime("%s.%N %j %-d %u%%", time), "1767603600.123456789 005 5 1%");
        assert_eq!(strftime("%I %p %q %", time), "09 AM 1 %");
    }
}
