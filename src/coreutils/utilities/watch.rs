//! `watch`: a program over and over, full-screen (procps-ng 4.0.2).

use std::time::Duration;

use machine::process::Disposition;
use machine::{ExitCode, Fd, Signal};

use crate::children;
use crate::context::Context;
use crate::options::{HELP, HELP_OPTION, Spec, VERSION, VERSION_OPTION, Value, parse};

const SPEC: Spec = Spec {
    short: "bcdegn:ptvwx",
    long: &[
        ("differences", 'd', Value::Optional),
        ("errexit", 'e', Value::None),
        ("exec", 'x', Value::None),
        ("interval", 'n', Value::Required),
        ("no-title", 't', Value::None),
        HELP,
        VERSION,
    ],
    posix: true,
};

const USAGE: &str = "
Usage:
 watch [options] command

Options:
  -b, --beep             beep if command has a non-zero exit
  -c, --color            interpret ANSI color and style sequences
  -d, --differences[=<permanent>]
                         highlight changes between updates
  -e, --errexit          exit if command has a non-zero exit
  -g, --chgexit          exit when output from command changes
  -q, --equexit <cycles>
                         exit when output from command does not change
  -n, --interval <secs>  seconds to wait between updates
  -p, --precise          attempt run command in precise intervals
  -t, --no-title         turn off header
  -w, --no-wrap          turn off line wrapping
  -x, --exec             pass command to exec instead of \"sh -c\"

 -h, --help     display this help and exit
 -v, --version  output version information and exit

For more details see watch(1).
";

/// Output of one run that is kept.
const MOST: usize = 256 * 1024;

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    let parsed = match parse(&SPEC, &cx.args) {
        Ok(parsed) => parsed,
        Err(text) => {
            cx.complain(&format!("watch: {text}\n{USAGE}")).await;
            return ExitCode::FAILURE;
        }
    };
    if parsed.has(HELP_OPTION) {
        cx.put(USAGE.as_bytes()).await;
        return ExitCode::SUCCESS;
    }
    if parsed.has(VERSION_OPTION) || parsed.has('v') {
        cx.line("watch from procps-ng 4.0.2").await;
        return ExitCode::SUCCESS;
    }
    if parsed.operands.is_empty() {
        cx.complain(USAGE).await;
        return ExitCode::FAILURE;
    }
    let interval = match parsed.value('n').map(|n| super::sleep::seconds(&n.replace(',', "."))) {
        None => Duration::from_secs(2),
        Some(Some(interval)) => interval.max(Duration::from_millis(100)),
        Some(None) => {
            cx.error(format_args!("failed to parse argument: '{}'", parsed.value('n').unwrap_or(""))).await;
            return cx.status();
        }
    };
    let command = parsed.operands.join(" ");
    let args = if parsed.has('x') { parsed.operands.clone() } else { vec!["sh".into(), "-c".into(), command.clone()] };
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        let _ = cx.sys.sigaction(signal, Disposition::Catch);
    }
    cx.put(b"\x1b[?1049h\x1b[H\x1b[2J").await;
    loop {
        let size = cx.sys.winsize(Fd::STDOUT).ok();
        let (rows, columns) = size.map_or((24, 80), |s| (usize::from(s.rows), usize::from(s.columns)));
        let (output, failed) = capture(cx, &args).await;
        let mut screen = String::from("\x1b[H");
        let mut left = rows;
        if !parsed.has('t') {
            let every = format!("Every {:.1}s: {command}", interval.as_secs_f64());
            let right = format!(
                "{}: {}",
                cx.sys.hostname(),
                super::date::strftime("%a %b %e %H:%M:%S %Y", cx.sys.wall_clock())
            );
            let gap = columns.saturating_sub(every.len() + right.len()).max(1);
            screen.push_str(&format!("{every}{:gap$}{right}\x1b[K\r\n\x1b[K\r\n", ""));
            left = rows.saturating_sub(2);
        }
        let lines: Vec<String> = output.lines().take(left).map(|line| line.chars().take(columns).collect()).collect();
        screen.push_str(&lines.join("\x1b[K\r\n"));
        screen.push_str("\x1b[K\x1b[J");
        cx.put(&machine::text::to_bytes(&screen)).await;
        cx.flush().await;
        if parsed.has('e') && failed {
            break;
        }
        let _ = cx.sys.sleep(interval).await;
        if let Some(signal) = cx.sys.take_signal() {
            cx.put(b"\x1b[?1049l").await;
            return ExitCode(if signal == Signal::INT { 0 } else { 128 + signal.number() });
        }
    }
    cx.put(b"\x1b[?1049l").await;
    ExitCode(8)
}

/// What a run put out, and whether it failed.
async fn capture(cx: &mut Context, args: &[String]) -> (String, bool) {
    let Ok((read, write)) = cx.sys.pipe(true) else { return (String::new(), true) };
    let saved = [Fd::STDOUT, Fd::STDERR].map(|fd| (fd, cx.sys.dup(fd, Fd(10), true)));
    cx.flush().await;
    for (fd, _) in saved {
        let _ = cx.sys.dup2(write, fd);
    }
    let started = children::start(cx, args, None).await;
    for (fd, saved) in saved {
        if let Ok(saved) = saved {
            let _ = cx.sys.dup2(saved, fd);
            let _ = cx.sys.close(saved);
        }
    }
    let _ = cx.sys.close(write);
    let data = cx.sys.read_to_end(read, MOST).await.unwrap_or_default();
    let _ = cx.sys.close(read);
    match started {
        Ok(pid) => {
            let status = children::wait(cx, pid).await;
            (machine::text::from_bytes(&data), status.code() != 0)
        }
        Err(error) => (format!("watch: {}: {error}\n", args[0]), true),
    }
}
