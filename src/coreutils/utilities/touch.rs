//! `touch`: makes files or sets their times to now.

use machine::fs::{OpenFlags, SetAttr};
use machine::{Errno, ExitCode, UnixTime};

use crate::context::Context;
use crate::options::{HELP, Spec, VERSION, Value};
use crate::text::quote;

const SPEC: Spec = Spec {
    short: "acd:fhmr:t:",
    long: &[
        ("date", 'd', Value::Required),
        ("no-create", 'c', Value::None),
        ("reference", 'r', Value::Required),
        HELP,
        VERSION,
    ],
    posix: false,
};

const USAGE: &str = "\
Usage: touch [OPTION]... FILE...
Update the access and modification times of each FILE to the current time.

A FILE argument that does not exist is created empty, unless -c or -h
is supplied.

  -a                     change only the access time
  -c, --no-create        do not create any files
  -d, --date=STRING      parse STRING and use it instead of current time
  -m                     change only the modification time
  -r, --reference=FILE   use this file's times instead of current time
  -t STAMP               use [[CC]YY]MMDDhhmm[.ss] instead of current time
      --help        display this help and exit
      --version     output version information and exit
";

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    let parsed = match cx.options(&SPEC, USAGE).await {
        Ok(parsed) => parsed,
        Err(status) => return status,
    };
    if parsed.operands.is_empty() {
        return cx.usage_error("missing file operand").await;
    }
    let now = cx.sys.wall_clock();
    let described = match parsed.value('d') {
        Some(text) => match super::date::describe(text, now) {
            Some(time) => Some(time),
            None => {
                let text = format!("invalid date format {}", cx.quote(text));
                cx.error(text).await;
                return cx.status();
            }
        },
        None => None,
    };
    let stamped = match parsed.value('t').map(|text| (text, stamp(text, now))) {
        Some((text, None)) => {
            let text = format!("invalid date format {}", cx.quote(text));
            cx.error(text).await;
            return cx.status();
        }
        Some((_, time)) => time,
        None => None,
    };
    let described = stamped.or(described);
    let times = match parsed.value('r').map(|path| (path, cx.sys.stat(path))) {
        None => (described.unwrap_or(now), described.unwrap_or(now)),
        Some((_, Ok(attr))) => (attr.atime, attr.mtime),
        Some((path, Err(error))) => {
            cx.error(format_args!("failed to get attributes of {}: {error}", quote(path))).await;
            return cx.status();
        }
    };
    let only = parsed.last_of("am");
    let set = SetAttr {
        atime: (only != Some('m')).then_some(times.0),
        mtime: (only != Some('a')).then_some(times.1),
        ..SetAttr::default()
    };
    for path in &parsed.operands {
        let mut result = cx.sys.set_attr(path, &set);
        if result == Err(Errno::ENOENT) {
            if parsed.has('c') {
                continue;
            }
            let flags = OpenFlags { create: true, ..OpenFlags::WRITE };
            result = match cx.sys.open(path, flags, 0o666).await {
                Ok(fd) => cx.sys.close(fd).and_then(|()| cx.sys.set_attr(path, &set)),
                Err(error) => Err(error),
            };
        }
        if let Err(error) = result {
            let what = if cx.is_busybox() { path.clone() } else { format!("cannot touch {}", quote(path)) };
            cx.error(format_args!("{what}: {error}")).await;
        }
    }
    cx.status()
}

/// `[[CC]YY]MMDDhhmm[.ss]`.
fn stamp(text: &str, now: UnixTime) -> Option<UnixTime> {
    let (digits, seconds) = text.split_once('.').unwrap_or((text, "00"));
    let plain = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if !plain(digits) || !plain(seconds) || seconds.len() != 2 {
        return None;
    }
    let year = match digits.len() {
        8 => super::date::strftime("%Y", now),
        10 => format!("{}{}", if &digits[..2] < "69" { "20" } else { "19" }, &digits[..2]),
        12 => digits[..4].to_string(),
        _ => return None,
    };
    let rest = &digits[digits.len() - 8..];
    let text = format!("{year}-{}-{} {}:{}:{seconds}", &rest[..2], &rest[2..4], &rest[4..6], &rest[6..]);
    super::date::describe(&text, now)
}
