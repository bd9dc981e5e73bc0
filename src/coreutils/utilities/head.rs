//! `head`: the first lines.

use machine::{Errno, ExitCode, SysResult};

use crate::context::Context;
use crate::options::{HELP, Spec, VERSION, Value};
use crate::text::quote;

const SPEC: Spec = Spec {
    short: "c:n:qv",
    long: &[
        ("bytes", 'c', Value::Required),
        ("lines", 'n', Value::Required),
        ("quiet", 'q', Value::None),
        ("silent", 'q', Value::None),
        ("verbose", 'v', Value::None),
        HELP,
        VERSION,
    ],
    posix: false,
};

const USAGE: &str = "\
Usage: head [OPTION]... [FILE]...
Print the first 10 lines of each FILE to standard output.
With more than one FILE, precede each with a header giving the file name.

With no FILE, or when FILE is -, read standard input.

  -c, --bytes=[-]NUM       print the first NUM bytes of each file
  -n, --lines=[-]NUM       print the first NUM lines instead of the first 10
  -q, --quiet, --silent    never print headers giving file names
  -v, --verbose            always print headers giving file names
      --help        display this help and exit
      --version     output version information and exit
";

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    // The old form: head -5
    if let Some(first) = cx.args.first_mut()
        && first.len() > 1
        && first.starts_with('-')
        && first[1..].bytes().all(|b| b.is_ascii_digit())
    {
        *first = format!("-n{}", &first[1..]);
    }
    let parsed = match cx.options(&SPEC, USAGE).await {
        Ok(parsed) => parsed,
        Err(status) => return status,
    };
    let (unit, text) = match parsed.last_of("cn") {
        Some(unit) => (unit, parsed.value(unit).unwrap_or("10")),
        None => ('n', "10"),
    };
    let bare = text.strip_prefix('-').unwrap_or(text);
    let Some(number) = crate::text::multiplied(bare) else {
        let what = if unit == 'c' { "bytes" } else { "lines" };
        cx.error(format_args!("invalid number of {what}: {}", cx.quote(bare))).await;
        return cx.status();
    };
    let from_end = text.starts_with('-');
    let operands = if parsed.operands.is_empty() { vec!["-".to_string()] } else { parsed.operands.clone() };
    let headers = parsed.last_of("qv").map_or(operands.len() > 1, |l| l == 'v');
    for (at, path) in operands.iter().enumerate() {
        if headers {
            let shown = if path == "-" { "standard input" } else { path };
            let gap = if at > 0 { "\n" } else { "" };
            cx.line(&format!("{gap}==> {shown} <==")).await;
        }
        let result = if from_end { all_but(cx, path, unit, number).await } else { first(cx, path, unit, number).await };
        if let Err(error) = result {
            let what = if error == Errno::EISDIR {
                format!("error reading {}", quote(path))
            } else {
                format!("cannot open {} for reading", quote(path))
            };
            let what = if cx.is_busybox() { path.clone() } else { what };
            cx.error(format_args!("{what}: {error}")).await;
        }
    }
    cx.status()
}

async fn first(cx: &mut Context, path: &str, unit: char, mut left: u64) -> SysResult<()> {
    let fd = cx.open(path).await?;
    if cx.sys.fstat(fd)?.is_dir() {
        cx.close(fd);
        return Err(Errno::EISDIR);
    }
    while left > 0 {
        let data = cx.sys.read_vec(fd, 8192).await?;
        if data.is_empty() {
            break;
        }
        let end = if unit == 'c' {
            let end = data.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            left -= end as u64;
            end
        } else {
            let mut end = data.len();
            for (at, _) in data.iter().enumerate().filter(|(_, b)| **b == b'\n') {
                left -= 1;
                if left == 0 {
                    end = at + 1;
                    break;
                }
            }
            end
        };
        cx.put(&data[..end]).await;
    }
    cx.close(fd);
    Ok(())
}

async fn all_but(cx: &mut Context, path: &str, unit: char, left_out: u64) -> SysResult<()> {
    let data = cx.read_all(path).await?;
    let left_out = usize::try_from(left_out).unwrap_or(usize::MAX);
    let end = if unit == 'c' {
        data.len().saturating_sub(left_out)
    } else {
        let starts: Vec<usize> = data
            .split_inclusive(|b| *b == b'\n')
            .scan(0, |at, l| {
                let start = *at;
                *at += l.len();
                Some(start)
            })
            .collect();
        if left_out == 0 { data.len() } else { starts.len().checked_sub(left_out).map_or(0, |n| starts[n]) }
    };
    cx.put(&data[..end]).await;
    Ok(())
}
