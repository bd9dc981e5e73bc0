//! `split`: a file in pieces.

use machine::fs::OpenFlags;
use machine::{ExitCode, SysResult};

use crate::context::Context;
use crate::options::{HELP, Spec, VERSION, Value};
use crate::text::multiplied;

const SPEC: Spec = Spec {
    short: "a:b:dl:n:x",
    long: &[
        ("suffix-length", 'a', Value::Required),
        ("additional-suffix", '\u{10}', Value::Required),
        ("bytes", 'b', Value::Required),
        ("numeric-suffixes", 'd', Value::Optional),
        ("lines", 'l', Value::Required),
        ("number", 'n', Value::Required),
        ("verbose", '\u{11}', Value::None),
        HELP,
        VERSION,
    ],
    posix: false,
};

const USAGE: &str = "\
Usage: split [OPTION]... [FILE [PREFIX]]
Output pieces of FILE to PREFIXaa, PREFIXab, ...;
default size is 1000 lines, and default PREFIX is 'x'.

With no FILE, or when FILE is -, read standard input.

  -a, --suffix-length=N   generate suffixes of length N (default 2)
      --additional-suffix=SUFFIX  append an additional SUFFIX to file names
  -b, --bytes=SIZE        put SIZE bytes per output file
  -d                      use numeric suffixes starting at 0, not alphabetic
  -l, --lines=NUMBER      put NUMBER lines/records per output file
  -n, --number=CHUNKS     generate CHUNKS output files; see explanation below
      --verbose           print a diagnostic just before each
                            output file is opened
      --help        display this help and exit
      --version     output version information and exit
";

/// Creates or replaces a file.
pub async fn write_file(cx: &Context, path: &str, data: &[u8]) -> SysResult<()> {
    let flags = OpenFlags { create: true, truncate: true, ..OpenFlags::WRITE };
    let fd = cx.sys.open(path, flags, 0o666).await?;
    let result = cx.sys.write_all(fd, data).await;
    cx.sys.close(fd)?;
    result
}

/// `aa`, `ab`, …, or `00`, `01`, …; `None` where there are no more of that length.
fn suffix(mut at: usize, length: usize, digits: bool) -> Option<String> {
    let base = if digits { 10 } else { 26 };
    let first = if digits { b'0' } else { b'a' };
    let mut letters = vec![first; length];
    for letter in letters.iter_mut().rev() {
        *letter += (at % base) as u8;
        at /= base;
    }
    (at == 0).then(|| String::from_utf8_lossy(&letters).into_owned())
}

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    let parsed = match cx.options(&SPEC, USAGE).await {
        Ok(parsed) => parsed,
        Err(status) => return status,
    };
    let path = parsed.operands.first().map_or("-", |path| path);
    let prefix = parsed.operands.get(1).map_or("x", |prefix| prefix);
    let data = match cx.read_all(path).await {
        Ok(data) => data,
        Err(error) => {
            let text = format!("cannot open {} for reading: {error}", crate::text::quote(path));
            cx.error(text).await;
            return cx.status();
        }
    };
    let way = parsed.options.iter().rev().find(|(option, _)| matches!(option, 'b' | 'l' | 'n')).cloned();
    let (kind, text) = way.map_or(('l', "1000".to_string()), |(kind, text)| (kind, text.unwrap_or_default()));
    let Some(size) = multiplied(&text).filter(|size| *size > 0).map(|size| size as usize) else {
        let what = match kind {
            'b' => "bytes",
            'l' => "lines",
            _ => "chunks",
        };
        let text = format!("invalid number of {what}: {}", cx.quote(&text));
        cx.error(text).await;
        return cx.status();
    };
    let pieces: Vec<&[u8]> = match kind {
        'b' => data.chunks(size).collect(),
        'n' => {
            let size = size.min(100_000);
            let each = data.len() / size;
            let start = |at: usize| if at == size { data.len() } else { at * each };
            (0..size).map(|at| &data[start(at)..start(at + 1)]).collect()
        }
        _ => by_lines(&data, size),
    };
    let length = parsed.value('a').and_then(|n| n.parse().ok()).unwrap_or(2usize).clamp(1, 16);
    for (at, piece) in pieces.into_iter().enumerate() {
        let Some(suffix) = suffix(at, length, parsed.has('d')) else {
            cx.error("output file suffixes exhausted").await;
            break;
        };
        let name = format!("{prefix}{suffix}{}", parsed.value('\u{10}').unwrap_or(""));
        if parsed.has('\u{11}') {
            let line = format!("creating file {}", crate::text::quote(&name));
            cx.line(&line).await;
        }
        if let Err(error) = write_file(cx, &name, piece).await {
            cx.error(format_args!("{name}: {error}")).await;
            break;
        }
    }
    cx.status()
}

fn by_lines(data: &[u8], size: usize) -> Vec<&[u8]> {
    let mut pieces = Vec::new();
    let (mut start, mut at, mut count) = (0, 0, 0);
    for line in data.split_inclusive(|b| *b == b'\n') {
        at += line.len();
        count += 1;
        if count == size {
            pieces.push(&data[start..at]);
            (start, count) = (at, 0);
        }
    }
    if start < data.len() {
        pieces.push(&data[start..]);
    }
    pieces
}
