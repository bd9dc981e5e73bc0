//! `nl`, `paste`, `comm`, `fold`: lines numbered, side by side, compared, broken.

use machine::{ExitCode, SysResult};

use crate::context::Context;
use crate::lines::{Lines, chomp};
use crate::options::{HELP, Spec, VERSION, Value};

const NL: Spec = Spec {
    short: "b:n:s:v:w:i:",
    long: &[
        ("body-numbering", 'b', Value::Required),
        ("line-increment", 'i', Value::Required),
        ("number-format", 'n', Value::Required),
        ("number-separator", 's', Value::Required),
        ("number-width", 'w', Value::Required),
        ("starting-line-number", 'v', Value::Required),
        HELP,
        VERSION,
    ],
    posix: false,
};

const NL_USAGE: &str = "\
Usage: nl [OPTION]... [FILE]...
Write each FILE to standard output, with line numbers added.

With no FILE, or when FILE is -, read standard input.

  -b, --body-numbering=STYLE      use STYLE for numbering body lines
  -i, --line-increment=NUMBER     line number increment at each line
  -n, --number-format=FORMAT      insert line numbers according to FORMAT
  -s, --number-separator=STRING   add STRING after (possible) line number
  -v, --starting-line-number=NUMBER  first line number for each section
  -w, --number-width=NUMBER       use NUMBER columns for line numbers
      --help        display this help and exit
      --version     output version information and exit
";

fn or_stdin(operands: &[String]) -> Vec<String> {
    if operands.is_empty() { vec!["-".to_string()] } else { operands.to_vec() }
}

/// `nl`.
pub async fn run_nl(cx: &mut Context) -> ExitCode {
    let parsed = match cx.options(&NL, NL_USAGE).await {
        Ok(parsed) => parsed,
        Err(status) => return status,
    };
    let number = |option, default: i64| parsed.value(option).and_then(|n| n.parse().ok()).unwrap_or(default);
    let (mut at, step, width) = (number('v', 1), number('i', 1), number('w', 6).clamp(1, 200) as usize);
    let separator = parsed.value('s').unwrap_or("\t").to_string();
    for path in or_stdin(&parsed.operands) {
        let fd = match cx.open(&path).await {
            Ok(fd) => fd,
            Err(error) => {
                cx.error(format_args!("{path}: {error}")).await;
                continue;
            }
        };
        let mut lines = Lines::new(fd);
        while let Ok(Some(line)) = lines.next(cx).await {
            let numbered = match parsed.value('b').unwrap_or("t") {
                "a" => true,
                "n" => false,
                _ => !chomp(&line).is_empty(),
            };
            let start = match parsed.value('n') {
                _ if !numbered => " ".repeat(width + separator.len()),
                Some("ln") => format!("{at:<width$}{separator}"),
                Some("rz") => format!("{at:0width$}{separator}"),
                _ => format!("{at:>width$}{separator}"),
            };
            at += if numbered { step } else { 0 };
            cx.put(start.as_bytes()).await;
            cx.put(chomp(&line)).await;
            cx.put(b"\n").await;
        }
        cx.close(fd);
    }
    cx.status()
}

const PASTE: Spec = Spec {
    short: "d:sz",
    long: &[("delimiters", 'd', Value::Required), ("serial", 's', Value::None), HELP, VERSION],
    posix: false,
};

const PASTE_USAGE: &str = "\
Usage: paste [OPTION]... [FILE]...
Write lines consisting of the sequentially corresponding lines from
each FILE, separated by TABs, to standard output.

With no FILE, or when FILE is -, read standard input.

  -d, --delimiters=LIST   reuse characters from LIST instead of TABs
  -s, --serial            paste one file at a time instead of in parallel
      --help        display this help and exit
      --version     output version information and exit
";

/// `paste`.
pub async fn run_paste(cx: &mut Context) -> ExitCode {
    let parsed = match cx.options(&PASTE, PASTE_USAGE).await {
        Ok(parsed) => parsed,
        Err(status) => return status,
    };
    // `-` twice is one stream, of which each takes its turn.
    let mut readers = Vec::new();
    let mut slots: Vec<usize> = Vec::new();
    let mut stdin = None;
    for path in or_stdin(&parsed.operands) {
        match cx.open(&path).await {
            Ok(_) if path == "-" && stdin.is_some() => slots.extend(stdin),
            Ok(fd) => {
                stdin = if path == "-" { Some(readers.len()) } else { stdin };
                slots.push(readers.len());
                readers.push(Some(Lines::new(fd)));
            }
            Err(error) => {
                cx.error(format_args!("{path}: {error}")).await;
                return cx.status();
            }
        }
    }
    let delimiters = crate::escapes::unescape(parsed.value('d').unwrap_or("\t"), true).bytes;
    let delimiter = |at: usize| delimiters.get(at % delimiters.len().max(1)).copied();
    if parsed.has('s') {
        for reader in readers.iter_mut().flatten() {
            let mut at = 0;
            while let Ok(Some(line)) = reader.next(cx).await {
                if at > 0 {
                    cx.put(delimiter(at - 1).as_slice()).await;
                }
                cx.put(chomp(&line)).await;
                at += 1;
            }
            cx.put(b"\n").await;
        }
        return cx.status();
    }
    loop {
        let (mut row, mut any) = (Vec::new(), false);
        for (at, slot) in slots.iter().enumerate() {
            if at > 0 {
                row.extend(delimiter(at - 1));
            }
            let Some(slot) = readers.get_mut(*slot) else { continue };
            let Some(reader) = slot else { continue };
            match reader.next(cx).await {
                Ok(Some(line)) => {
                    any = true;
                    row.extend_from_slice(chomp(&line));
                }
                _ => *slot = None,
            }
        }
        if !any {
            return cx.status();
        }
        row.push(b'\n');
        cx.put(&row).await;
    }
}

const COMM: Spec = Spec { short: "123z", long: &[HELP, VERSION], posix: false };

const COMM_USAGE: &str = "\
Usage: comm [OPTION]... FILE1 FILE2
Compare sorted files FILE1 and FILE2 line by line.

  -1              suppress column 1 (lines unique to FILE1)
  -2              suppress column 2 (lines unique to FILE2)
  -3              suppress column 3 (lines that appear in both files)
      --help        display this help and exit
      --version     output version information and exit
";

/// `comm`.
pub async fn run_comm(cx: &mut Context) -> ExitCode {
    let parsed = match cx.options(&COMM, COMM_USAGE).await {
        Ok(parsed) => parsed,
        Err(status) => return status,
    };
    let [old, new] = parsed.operands.as_slice() else {
        let text = match parsed.operands.as_slice() {
            [] => "missing operand".to_string(),
            [one] => format!("missing operand after {}", cx.quote(one)),
            [_, _, extra, ..] => format!("extra operand {}", cx.quote(extra)),
            _ => String::new(),
        };
        return cx.usage_error(&text).await;
    };
    let mut contents = Vec::new();
    for path in [old, new] {
        match cx.read_all(path).await {
            Ok(data) => contents.push(data),
            Err(error) => {
                cx.error(format_args!("{path}: {error}")).await;
                return cx.status();
            }
        }
    }
    let mut left = contents[0].split_inclusive(|b| *b == b'\n').map(chomp).peekable();
    let mut right = contents[1].split_inclusive(|b| *b == b'\n').map(chomp).peekable();
    loop {
        let (column, line) = match (left.peek(), right.peek()) {
            (None, None) => return cx.status(),
            (Some(a), Some(b)) if a == b => {
                right.next();
                ('3', left.next())
            }
            (Some(a), Some(b)) if a > b => ('2', right.next()),
            (None, _) => ('2', right.next()),
            _ => ('1', left.next()),
        };
        if parsed.has(column) {
            continue;
        }
        let before = ('1'..column).filter(|c| !parsed.has(*c)).count();
        cx.put(&vec![b'\t'; before]).await;
        cx.put(line.unwrap_or_default()).await;
        cx.put(b"\n").await;
    }
}

const FOLD: Spec = Spec {
    short: "bsw:",
    long: &[("bytes", 'b', Value::None), ("spaces", 's', Value::None), ("width", 'w', Value::Required), HELP, VERSION],
    posix: false,
};

const FOLD_USAGE: &str = "\
Usage: fold [OPTION]... [FILE]...
Wrap input lines in each FILE, writing to standard output.

With no FILE, or when FILE is -, read standard input.

  -b, --bytes         count bytes rather than columns
  -s, --spaces        break at spaces
  -w, --width=WIDTH   use WIDTH columns instead of 80
      --help        display this help and exit
      --version     output version information and exit
";

/// `fold`.
pub async fn run_fold(cx: &mut Context) -> ExitCode {
    let parsed = match cx.options(&FOLD, FOLD_USAGE).await {
        Ok(parsed) => parsed,
        Err(status) => return status,
    };
    let width: usize = match parsed.value('w').map(str::parse) {
        Some(Ok(width)) if width > 0 => width,
        None => 80,
        Some(_) => {
            let text = format!("invalid number of columns: {}", cx.quote(parsed.value('w').unwrap_or("")));
            cx.error(text).await;
            return cx.status();
        }
    };
    for path in or_stdin(&parsed.operands) {
        if let Err(error) = fold(cx, &path, width, parsed.has('s')).await {
            cx.error(format_args!("{path}: {error}")).await;
        }
    }
    cx.status()
}

async fn fold(cx: &mut Context, path: &str, width: usize, at_spaces: bool) -> SysResult<()> {
    use unicode_width::UnicodeWidthChar;
    let fd = cx.open(path).await?;
    let mut lines = Lines::new(fd);
    while let Some(line) = lines.next(cx).await? {
        let text = machine::text::from_bytes(chomp(&line));
        let (mut row, mut used) = (String::new(), 0);
        for c in text.chars() {
            let columns = c.width().unwrap_or(0);
            if used + columns > width {
                let cut = if at_spaces { row.rfind(' ').map(|at| at + 1) } else { None };
                let rest = row.split_off(cut.unwrap_or(row.len()));
                cx.line(&row).await;
                used = rest.chars().map(|c| c.width().unwrap_or(0)).sum();
                row = rest;
            }
            row.push(c);
            used += columns;
        }
        cx.put(&machine::text::to_bytes(&row)).await;
        if line.ends_with(b"\n") {
            cx.put(b"\n").await;
        }
    }
    cx.close(fd);
    Ok(())
}
