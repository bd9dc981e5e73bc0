//! `wc`: lines, words and bytes.

use machine::{Errno, ExitCode, SysResult};

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
        match count(cx, path).await {
            Ok(counts) => {
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

/// Counts an operand, a piece at a time.
async fn count(cx: &Context, path: &str) -> SysResult<[u64; 5]> {
    let fd = cx.open(path).await?;
    if cx.sys.fstat(fd).is_ok_and(|attr| attr.is_dir()) {
        cx.close(fd);
        return Err(Errno::EISDIR);
    }
    let mut counter = Counter::default();
    loop {
        let piece = cx.sys.read_vec(fd, 64 << 10).await?;
        if piece.is_empty() {
            break;
        }
        counter.feed(&piece);
    }
    cx.close(fd);
    Ok(counter.end())
}

#[derive(Default)]
struct Counter {
    lines: u64,
    words: u64,
    characters: u64,
    bytes: u64,
    widest: u64,
    /// Of the line that goes on.
    width: u64,
    in_word: bool,
    /// The beginning of a character that goes on in the next piece.
    rest: Vec<u8>,
}

impl Counter {
    fn feed(&mut self, piece: &[u8]) {
        self.bytes += piece.len() as u64;
        let mut data = std::mem::take(&mut self.rest);
        data.extend_from_slice(piece);
        // A character has at most four bytes: only its first three can stand at the end without the last.
        let split = (data.len().saturating_sub(3)..data.len()).find(|at| {
            let tail = &data[*at..];
            matches!(std::str::from_utf8(tail), Err(error) if error.valid_up_to() == 0 && error.error_len().is_none())
        });
        self.rest = data.split_off(split.unwrap_or(data.len()));
        self.take(&data);
    }

    fn take(&mut self, data: &[u8]) {
        for c in machine::text::from_bytes(data).chars() {
            self.characters += 1;
            self.width += unicode_width::UnicodeWidthChar::width(c).unwrap_or(0) as u64;
            if c == '\n' {
                self.lines += 1;
                self.widest = self.widest.max(std::mem::take(&mut self.width));
            }
            let in_word = !c.is_whitespace();
            self.words += u64::from(in_word && !self.in_word);
            self.in_word = in_word;
        }
    }

    /// Lines, words, characters, bytes, widest line.
    fn end(mut self) -> [u64; 5] {
        let rest = std::mem::take(&mut self.rest);
        self.take(&rest);
        [self.lines, self.words, self.characters, self.bytes, self.widest.max(self.width)]
    }
}

#[cfg(test)]
mod tests {
    use super::Counter;

    #[test]
    fn counts_alike_however_the_input_is_cut() {
        let text = "가 나다\nab\n".as_bytes();
        for size in 1..=text.len() {
            let mut counter = Counter::default();
            text.chunks(size).for_each(|piece| counter.feed(piece));
            assert_eq!(counter.end(), [2, 3, 8, 14, 7], "{size}");
        }
        let mut broken = Counter::default();
        broken.feed(b"a\xff\xea\xb0");
        assert_eq!(broken.end()[3], 4);
    }
}
