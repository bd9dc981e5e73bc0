//! `date`: the date and time.

use machine::{ExitCode, UnixTime};

use crate::context::Context;
use crate::options::{HELP, Spec, VERSION, Value};

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

/// `strftime(3)` with what GNU's `date` adds, in the C locale and UTC.
pub fn strftime(format: &str, time: UnixTime) -> String {
    machine::calendar::strftime_nanos(format, time.seconds(), time.subsec_nanos())
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
