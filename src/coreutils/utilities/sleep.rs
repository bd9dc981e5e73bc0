//! `sleep`: waits.

use std::time::Duration;

use machine::ExitCode;

use crate::context::Context;
use crate::options::{HELP, Spec, VERSION};

const SPEC: Spec = Spec { short: "", long: &[HELP, VERSION], posix: false };

const USAGE: &str = "\
Usage: sleep NUMBER[SUFFIX]...
  or:  sleep OPTION
Pause for NUMBER seconds.  SUFFIX may be 's' for seconds (the default),
'm' for minutes, 'h' for hours or 'd' for days.  NUMBER need not be an
integer.  Given two or more arguments, pause for the amount of time
specified by the sum of their values.

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
        return cx.usage_error("missing operand").await;
    }
    let mut total = Duration::ZERO;
    let mut bad = false;
    for operand in &parsed.operands {
        match seconds(operand) {
            Some(time) => total = total.saturating_add(time),
            None => {
                bad = true;
                let text = if cx.is_busybox() {
                    format!("invalid number '{operand}'")
                } else {
                    format!("invalid time interval {}", cx.quote(operand))
                };
                cx.error(text).await;
            }
        }
    }
    if bad {
        if !cx.is_busybox() {
            let text = format!("Try '{} --help' for more information.\n", cx.name);
            cx.complain(&text).await;
        }
        return ExitCode::FAILURE;
    }
    let end = cx.sys.now() + total;
    while cx.sys.now() < end {
        let _ = cx.sys.sleep_until(end).await;
    }
    ExitCode::SUCCESS
}

/// A number of seconds with an optional suffix.
pub fn seconds(text: &str) -> Option<Duration> {
    if text == "infinity" || text == "inf" {
        return Some(Duration::from_secs(1 << 40));
    }
    let (number, factor) = match text.as_bytes().last()? {
        b's' => (&text[..text.len() - 1], 1.0),
        b'm' => (&text[..text.len() - 1], 60.0),
        b'h' => (&text[..text.len() - 1], 3600.0),
        b'd' => (&text[..text.len() - 1], 86400.0),
        _ => (text, 1.0),
    };
    if !number.starts_with(|c: char| c.is_ascii_digit() || c == '.' || c == '+') {
        return None;
    }
    let value: f64 = number.parse().ok()?;
    (value >= 0.0).then(|| Duration::try_from_secs_f64(value * factor).unwrap_or(Duration::from_secs(1 << 40)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals() {
        assert_eq!(seconds("0.5"), Some(Duration::from_millis(500)));
        assert_eq!(seconds("2m"), Some(Duration::from_secs(120)));
        assert_eq!(seconds("x"), None);
        assert_eq!(seconds("-1"), None);
        assert_eq!(seconds(""), None);
    }
}
