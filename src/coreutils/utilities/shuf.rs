//! `shuf`: lines in a random order.

use machine::ExitCode;

use crate::context::Context;
use crate::lines::chomp;
use crate::options::{HELP, Spec, VERSION, Value};

const SPEC: Spec = Spec {
    short: "ei:n:o:rz",
    long: &[
        ("echo", 'e', Value::None),
        ("input-range", 'i', Value::Required),
        ("head-count", 'n', Value::Required),
        ("output", 'o', Value::Required),
        ("repeat", 'r', Value::None),
        ("zero-terminated", 'z', Value::None),
        HELP,
        VERSION,
    ],
    posix: false,
};

const USAGE: &str = "\
Usage: shuf [OPTION]... [FILE]
  or:  shuf -e [OPTION]... [ARG]...
  or:  shuf -i LO-HI [OPTION]...
Write a random permutation of the input lines to standard output.

With no FILE, or when FILE is -, read standard input.

Mandatory arguments to long options are mandatory for short options too.
  -e, --echo                treat each ARG as an input line
  -i, --input-range=LO-HI   treat each number LO through HI as an input line
  -n, --head-count=COUNT    output at most COUNT lines
  -o, --output=FILE         write result to FILE instead of standard output
  -r, --repeat              output lines can be repeated
  -z, --zero-terminated     line delimiter is NUL, not newline
      --help        display this help and exit
      --version     output version information and exit
";

/// No range is longer.
const MOST: u64 = 10_000_000;

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    let parsed = match cx.options(&SPEC, USAGE).await {
        Ok(parsed) => parsed,
        Err(status) => return status,
    };
    let end = if parsed.has('z') { b'\0' } else { b'\n' };
    let mut lines: Vec<Vec<u8>> = if parsed.has('e') {
        parsed.operands.iter().map(|word| machine::text::to_bytes(word)).collect()
    } else if let Some(range) = parsed.value('i') {
        let ends = range.split_once('-').and_then(|(low, high)| Some((low.parse().ok()?, high.parse().ok()?)));
        let Some((low, high)) = ends.filter(|(low, high): &(u64, u64)| low <= high && high - low < MOST) else {
            let text = format!("invalid input range: {}", cx.quote(range));
            cx.error(text).await;
            return cx.status();
        };
        (low..=high).map(|n| n.to_string().into_bytes()).collect()
    } else {
        let path = parsed.operands.first().map_or("-", |path| path);
        match cx.read_all(path).await {
            Ok(data) => {
                let lines = data.split_inclusive(|b| *b == end);
                lines
                    .map(|line| if end == 0 { line.strip_suffix(b"\0").unwrap_or(line) } else { chomp(line) }.to_vec())
                    .collect()
            }
            Err(error) => {
                cx.error(format_args!("{path}: {error}")).await;
                return cx.status();
            }
        }
    };
    let count = match parsed.value('n').map(|text| (text, text.parse::<usize>())) {
        Some((text, Err(_))) => {
            let text = format!("invalid line count: {}", cx.quote(text));
            cx.error(text).await;
            return cx.status();
        }
        Some((_, Ok(count))) => count,
        None => usize::MAX,
    };
    let mut out = Vec::new();
    let mut at = 0;
    while at < count && at < lines.len() || (parsed.has('r') && at < count && !lines.is_empty()) {
        let first = if parsed.has('r') { 0 } else { at };
        let picked = first + (cx.sys.random_u64() % (lines.len() - first) as u64) as usize;
        if !parsed.has('r') {
            lines.swap(at, picked);
        }
        out.extend_from_slice(&lines[if parsed.has('r') { picked } else { at }]);
        out.push(end);
        at += 1;
        if out.len() > 8192 && !parsed.has('o') {
            cx.sys.tick(1000).await;
            cx.put(&std::mem::take(&mut out)).await;
        }
    }
    match parsed.value('o') {
        Some(path) => {
            if let Err(error) = super::split::write_file(cx, path, &out).await {
                cx.error(format_args!("{path}: {error}")).await;
            }
        }
        None => cx.put(&out).await,
    }
    cx.status()
}
