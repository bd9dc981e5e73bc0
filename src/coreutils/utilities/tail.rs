//! `tail`: the last lines, and with `-f` what comes after.

use std::time::Duration;

use machine::io::Seek;
use machine::{Errno, ExitCode, Fd, SysResult};

use crate::context::Context;
use crate::options::{HELP, Spec, VERSION, Value};
use crate::text::quote;

const SPEC: Spec = Spec {
    short: "c:fFn:qs:v",
    long: &[
        ("bytes", 'c', Value::Required),
        ("follow", 'f', Value::Optional),
        ("lines", 'n', Value::Required),
        ("quiet", 'q', Value::None),
        ("silent", 'q', Value::None),
        ("sleep-interval", 's', Value::Required),
        ("verbose", 'v', Value::None),
        ("retry", 'F', Value::None),
        HELP,
        VERSION,
    ],
    posix: false,
};

const USAGE: &str = "\
Usage: tail [OPTION]... [FILE]...
Print the last 10 lines of each FILE to standard output.
With more than one FILE, precede each with a header giving the file name.

With no FILE, or when FILE is -, read standard input.

  -c, --bytes=[+]NUM       output the last NUM bytes; or use -c +NUM to
                             output starting with byte NUM of each file
  -f, --follow[={name|descriptor}]
                           output appended data as the file grows
  -F                       same as --follow=name --retry
  -n, --lines=[+]NUM       output the last NUM lines, instead of the last 10;
                             or use -n +NUM to output starting with line NUM
  -q, --quiet, --silent    never output headers giving file names
  -s, --sleep-interval=N   with -f, sleep for approximately N seconds
                             (default 1.0) between iterations
  -v, --verbose            always output headers giving file names
      --help        display this help and exit
      --version     output version information and exit
";

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    // The old form: tail -5
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
    let unit = parsed.last_of("cn").unwrap_or('n');
    let text = parsed.value(unit).unwrap_or("10").to_string();
    let count = crate::text::multiplied(text.trim_start_matches(['+', '-']));
    let Some(count) = count.and_then(|count| usize::try_from(count).ok()) else {
        let what = if unit == 'c' { "bytes" } else { "lines" };
        cx.error(format_args!("invalid number of {what}: {}", cx.quote(&text))).await;
        return cx.status();
    };
    let operands = if parsed.operands.is_empty() { vec!["-".to_string()] } else { parsed.operands.clone() };
    let headers = parsed.last_of("qv").map_or(operands.len() > 1, |l| l == 'v');
    let mut followed = Vec::new();
    for (at, path) in operands.iter().enumerate() {
        match read(cx, path).await {
            Ok((fd, data)) => {
                if headers {
                    title(cx, path, at > 0).await;
                }
                let from = start(&data, unit, count, text.starts_with('+'));
                cx.put(&data[from..]).await;
                followed.push((path.clone(), fd));
            }
            Err(Errno::EFBIG) => {
                cx.error("memory exhausted").await;
                return cx.status();
            }
            Err(error) => {
                let what = match error {
                    Errno::EISDIR => format!("error reading {}", quote(path)),
                    _ if cx.is_busybox() => format!("can't open '{path}'"),
                    _ => format!("cannot open {} for reading", quote(path)),
                };
                cx.error(format_args!("{what}: {error}")).await;
            }
        }
    }
    if followed.is_empty() && cx.is_busybox() {
        cx.error("no files").await;
    }
    if parsed.has('f') || parsed.has('F') {
        followed.retain(|(path, _)| path != "-");
        let pause = parsed.value('s').and_then(super::sleep::seconds).unwrap_or(Duration::from_secs(1));
        follow(cx, &followed, headers, pause).await;
    }
    cx.status()
}

async fn title(cx: &mut Context, path: &str, gap: bool) {
    let shown = if path == "-" { "standard input" } else { path };
    let gap = if gap { "\n" } else { "" };
    cx.line(&format!("{gap}==> {shown} <==")).await;
}

async fn read(cx: &mut Context, path: &str) -> SysResult<(Fd, Vec<u8>)> {
    let fd = cx.open(path).await?;
    if cx.sys.fstat(fd)?.is_dir() {
        cx.close(fd);
        return Err(Errno::EISDIR);
    }
    let data = cx.read_to_end(fd).await?;
    Ok((fd, data))
}

/// Where the wanted end of `data` begins.
fn start(data: &[u8], unit: char, count: usize, from_top: bool) -> usize {
    match (unit, from_top) {
        ('c', true) => count.saturating_sub(1).min(data.len()),
        ('c', false) => data.len().saturating_sub(count),
        (_, true) => data.split_inclusive(|b| *b == b'\n').take(count.saturating_sub(1)).map(<[u8]>::len).sum(),
        (_, false) => {
            let lines: Vec<usize> = data.split_inclusive(|b| *b == b'\n').map(<[u8]>::len).collect();
            data.len() - lines.iter().rev().take(count).sum::<usize>()
        }
    }
}

/// Shows what is appended, until something ends the process; without files it ends at once.
async fn follow(cx: &mut Context, files: &[(String, Fd)], headers: bool, pause: Duration) {
    let mut last = files.len().wrapping_sub(1);
    while !files.is_empty() {
        cx.flush().await;
        if cx.sys.sleep(pause).await.is_err() {
            return;
        }
        for (at, (path, fd)) in files.iter().enumerate() {
            let size = cx.sys.fstat(*fd).map_or(0, |a| a.size);
            if cx.sys.seek(*fd, Seek::Current(0)).is_ok_and(|position| position > size) {
                cx.complain(&format!("{}: {path}: file truncated\n", cx.name.clone())).await;
                let _ = cx.sys.seek(*fd, Seek::Set(0));
            }
            while let Ok(data) = cx.sys.read_vec(*fd, 65536).await {
                if data.is_empty() {
                    break;
                }
                if headers && at != last {
                    title(cx, path, true).await;
                }
                last = at;
                cx.put(&data).await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::start;

    #[test]
    fn ends() {
        let data = b"1\n2\n3\n4";
        let end = |unit, count, top| &data[start(data, unit, count, top)..];
        assert_eq!(end('n', 2, false), b"3\n4");
        assert_eq!(end('n', 3, true), b"3\n4");
        assert_eq!(end('n', 99, false), data);
        assert_eq!(end('c', 3, false), b"3\n4");
        assert_eq!(end('c', 6, true), b"\n4");
    }
}
