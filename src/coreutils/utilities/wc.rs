//! `wc`: lines, words and bytes.

use machine::{Errno, ExitCode};

use crate::context::Context;
use crate::options::{HELP, Spec, VERSION, Value};

const SPEC: Spec = Spec {
    short: "cmlLw",
    long: &[
        ("bytes", 'c', Value::None),
        ("chars", 'm', Value::None),
        ("lines", 'l', Value::None),
        ("max-line-length", 'L', Value::None),
        ("words", 'w', Value::None),
        HELP,
        VERSION,
    ],
    posix: false,
};

const USAGE: &str = "\
Usage: wc [OPTION]... [FILE]...
  or:  wc [OPTION]... --files0-from=F
Print newline, word, and byte counts for each FILE, and a total line if
more than one FILE is specified.  A word is a non-zero-length sequence of
printable characters delimited by white space.

With no FILE, or when FILE is -, read standard input.

The options below may be used to select which counts are printed, always in
the following order: newline, word, character, byte, maximum line length.
  -c, --bytes            print the byte counts
  -m, --chars            print the character counts
  -l, --lines            print the newline counts
  -L, --max-line-length  print the maximum display width
  -w, --words            print the word counts
      --help        display this help and exit
      --version     output version information and exit
";

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    let parsed = match cx.options(&SPEC, USAGE).await {
        Ok(parsed) => parsed,
        Err(status) => return status,
    };
    let letters: Vec<char> = "lwmcL".chars().filter(|l| parsed.has(*l)).collect();
    let letters = if letters.is_empty() { vec!['l', 'w', 'c'] } else { letters };
    let from_stdin = parsed.operands.is_empty();
    let operands = if from_stdin { vec!["-".to_string()] } else { parsed.operands };
    let (mut rows, mut total) = (Vec::new(), [0u64; 5]);
    for path in &operands {
        match cx.read_all(path).await {
            Ok(data) => {
                let counts = count(&data);
                for (sum, count) in total.iter_mut().zip(counts).take(4) {
                    *sum += count;
                }
                total[4] = total[4].max(counts[4]);
                rows.push((counts, path.clone()));
            }
            Err(error) => {
                cx.error(format_args!("{path}: {error}")).await;
                if error == Errno::EISDIR {
                    rows.push(([0; 5], path.clone()));
                }
            }
        }
    }
    if operands.len() > 1 {
        rows.push((total, "total".into()));
    }
    // GNU pads to the width of the largest size, or 7 where a size is not known beforehand.
    let piped = from_stdin || operands.iter().any(|p| p == "-");
    let directory = operands.iter().any(|p| cx.sys.stat(p).is_ok_and(|a| a.is_dir()));
    let widest = total[3].to_string().len();
    let width = match () {
        () if cx.is_busybox() => {
            if letters.len() == 1 {
                1
            } else {
                9
            }
        }
        () if letters.len() == 1 && rows.len() == 1 => 1,
        () if piped || directory => 7,
        () => widest,
    };
    for (counts, path) in rows {
        let shown: Vec<String> =
            letters.iter().filter_map(|l| "lwmcL".find(*l)).map(|at| format!("{:width$}", counts[at])).collect();
        let name = if from_stdin { String::new() } else { format!(" {path}") };
        cx.line(&format!("{}{name}", shown.join(" "))).await;
    }
    cx.status()
}

/// Lines, words, characters, bytes, widest line.
fn count(data: &[u8]) -> [u64; 5] {
    let text = machine::text::from_bytes(data);
    let words = text.split(|c: char| c.is_whitespace()).filter(|w| !w.is_empty()).count();
    let widest = text.lines().map(unicode_width::UnicodeWidthStr::width).max().unwrap_or(0);
    let lines = data.iter().filter(|b| **b == b'\n').count();
    [lines as u64, words as u64, text.chars().count() as u64, data.len() as u64, widest as u64]
}

#[cfg(test)]
mod tests {
    #[test]
    fn counts() {
        assert_eq!(super::count("가 나다\nab\n".as_bytes()), [2, 3, 8, 14, 7]);
    }
}
