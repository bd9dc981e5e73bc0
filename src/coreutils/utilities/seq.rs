//! `seq`: numbers in a row.

use machine::ExitCode;

use crate::context::Context;
use crate::options::{HELP, Spec, VERSION, Value};

const SPEC: Spec = Spec {
    short: "f:s:w",
    long: &[
        ("separator", 's', Value::Required),
        ("format", 'f', Value::Required),
        ("equal-width", 'w', Value::None),
        HELP,
        VERSION,
    ],
    posix: true,
};

const USAGE: &str = "\
Usage: seq [OPTION]... LAST
  or:  seq [OPTION]... FIRST LAST
  or:  seq [OPTION]... FIRST INCREMENT LAST
Print numbers from FIRST to LAST, in steps of INCREMENT.

Mandatory arguments to long options are mandatory for short options too.
  -f, --format=FORMAT      use printf style floating-point FORMAT
  -s, --separator=STRING   use STRING to separate numbers (default: \\n)
  -w, --equal-width        equalize width by padding with leading zeroes
      --help        display this help and exit
      --version     output version information and exit
";

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    let parsed = match cx.options(&SPEC, USAGE).await {
        Ok(parsed) => parsed,
        Err(status) => return status,
    };
    let mut numbers = Vec::new();
    for operand in &parsed.operands {
        match operand.parse::<f64>() {
            Ok(number) if number.is_finite() => numbers.push(number),
            _ => {
                return cx.usage_error(&format!("invalid floating point argument: {}", cx.quote(operand))).await;
            }
        }
    }
    let (first, step, last) = match numbers.as_slice() {
        [] => return cx.usage_error("missing operand").await,
        [last] => (1.0, 1.0, *last),
        [first, last] => (*first, 1.0, *last),
        [first, step, last] => (*first, *step, *last),
        _ => {
            return cx.usage_error(&format!("extra operand {}", cx.quote(&parsed.operands[3]))).await;
        }
    };
    if step == 0.0 {
        return cx.usage_error(&format!("invalid Zero increment value: {}", cx.quote(&parsed.operands[1]))).await;
    }
    let decimals = |text: &String| text.split_once('.').map_or(0, |(_, d)| d.len());
    let used = parsed.operands.len().saturating_sub(1).max(1);
    let precision = parsed.operands[..used].iter().map(decimals).max().unwrap_or(0);
    let width =
        [first, last].iter().map(|n| format!("{n:.precision$}").len()).max().filter(|_| parsed.has('w')).unwrap_or(0);
    let separator = parsed.value('s').unwrap_or("\n").to_string();
    let mut index = 0.0;
    loop {
        let value = first + index * step;
        // Half of a last decimal's slack: 0.1 steps must reach their end.
        let slack = 0.5 * 10f64.powi(-(precision as i32) - 1);
        if (step > 0.0 && value > last + slack) || (step < 0.0 && value < last - slack) {
            break;
        }
        if index > 0.0 {
            cx.put(separator.as_bytes()).await;
        }
        let text = match parsed.value('f') {
            Some(format) => super::printf::one_number(format, value),
            None => format!("{value:0width$.precision$}"),
        };
        cx.put(text.as_bytes()).await;
        cx.sys.tick(200).await;
        index += 1.0;
    }
    if index > 0.0 {
        cx.put(b"\n").await;
    }
    cx.status()
}
