//! `timeout`: a program with a limit on its time.

use std::time::Duration;

use machine::process::{Disposition, WaitFor, WaitOptions, WaitStatus};
use machine::{Errno, ExitCode, Pid, Signal};

use super::sleep::seconds;
use crate::children;
use crate::context::Context;
use crate::options::{HELP, Spec, VERSION, Value};

const SPEC: Spec = Spec {
    short: "k:s:v",
    long: &[
        ("foreground", '\u{10}', Value::None),
        ("kill-after", 'k', Value::Required),
        ("preserve-status", '\u{11}', Value::None),
        ("signal", 's', Value::Required),
        ("verbose", 'v', Value::None),
        HELP,
        VERSION,
    ],
    posix: true,
};

const USAGE: &str = "\
Usage: timeout [OPTION] DURATION COMMAND [ARG]...
  or:  timeout [OPTION]
Start COMMAND, and kill it if still running after DURATION.

Mandatory arguments to long options are mandatory for short options too.
      --preserve-status
                 exit with the same status as COMMAND, even when the
                   command times out
      --foreground
                 when not running timeout directly from a shell prompt,
                   allow COMMAND to read from the TTY and get TTY signals;
                   in this mode, children of COMMAND will not be timed out
  -k, --kill-after=DURATION
                 also send a KILL signal if COMMAND is still running
                   this long after the initial signal was sent
  -s, --signal=SIGNAL
                 specify the signal to be sent on timeout;
                   SIGNAL may be a name like 'HUP' or a number;
                   see 'kill -l' for a list of signals
  -v, --verbose  diagnose to stderr any signal sent upon timeout
      --help        display this help and exit
      --version     output version information and exit
";

/// It timed out.
const TIMED_OUT: u8 = 124;
/// `timeout` itself failed.
const TROUBLE: ExitCode = ExitCode(125);

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    let parsed = match cx.options(&SPEC, USAGE).await {
        Ok(parsed) => parsed,
        Err(status) => return if status == ExitCode::SUCCESS || cx.is_busybox() { status } else { TROUBLE },
    };
    if parsed.operands.len() < 2 {
        if cx.is_busybox() {
            return cx.usage_error("missing operand").await;
        }
        let name = cx.name.clone();
        cx.complain(&format!("Try '{name} --help' for more information.\n")).await;
        return TROUBLE;
    }
    let durations = [parsed.operands.first().map(|s| &**s), parsed.value('k')].map(|text| text.map(seconds));
    if let Some(bad) =
        [parsed.operands.first().map(|s| &**s), parsed.value('k')].into_iter().flatten().find(|t| seconds(t).is_none())
    {
        let text = format!("invalid time interval {}", cx.quote(bad));
        let _ = cx.usage_error(&text).await;
        return TROUBLE;
    }
    let signal = match parsed.value('s').map(Signal::parse) {
        None => Signal::TERM,
        Some(Some(signal)) => signal,
        Some(None) => {
            let text = format!("{}: invalid signal", cx.quote(parsed.value('s').unwrap_or("")));
            let _ = cx.usage_error(&text).await;
            return TROUBLE;
        }
    };
    let (limit, kill_after) = (durations[0].flatten().unwrap_or_default(), durations[1].flatten());
    let command = &parsed.operands[1..];
    for signal in [Signal::INT, Signal::TERM, Signal::HUP, Signal::QUIT] {
        let _ = cx.sys.sigaction(signal, Disposition::Catch);
    }
    let _ = cx.sys.sigaction(Signal::CHLD, Disposition::Catch);
    let pid = match children::start(cx, command, None).await {
        Ok(pid) => pid,
        Err(error) => {
            let text = format!("failed to run command {}: {error}", cx.quote(&command[0]));
            cx.error(text).await;
            return ExitCode(if error == Errno::ENOENT { 127 } else { 126 });
        }
    };
    let mut timed_out = false;
    let mut status = within(cx, pid, limit).await;
    if status.is_none() {
        timed_out = true;
        stop(cx, pid, signal, &command[0], parsed.has('v')).await;
        status = within(cx, pid, kill_after.unwrap_or_default()).await;
        if status.is_none() && kill_after.is_some() {
            stop(cx, pid, Signal::KILL, &command[0], parsed.has('v')).await;
        }
    }
    let status = match status {
        Some(status) => status,
        None => children::wait(cx, pid).await,
    };
    match status {
        WaitStatus::Signaled(Signal::KILL) if timed_out => ExitCode(137),
        _ if timed_out && !parsed.has('\u{11}') && !cx.is_busybox() => ExitCode(TIMED_OUT),
        status => ExitCode(status.code()),
    }
}

async fn stop(cx: &mut Context, pid: Pid, signal: Signal, command: &str, verbose: bool) {
    if verbose {
        let text = format!("{}: sending signal {} to command {}\n", cx.name, signal.name(), cx.quote(command));
        cx.complain(&text).await;
    }
    let _ = cx.sys.kill(pid, Some(signal));
    let _ = cx.sys.kill(pid, Some(Signal::CONT));
}

/// Waits for a child for a time (zero: for ever); signals that come go to it.
async fn within(cx: &Context, pid: Pid, limit: Duration) -> Option<WaitStatus> {
    let end = if limit.is_zero() { None } else { Some(cx.sys.now() + limit) };
    loop {
        let options = WaitOptions { no_hang: true, ..WaitOptions::default() };
        match cx.sys.waitpid(WaitFor::Process(pid), options).await {
            Ok(Some((_, status))) => return Some(status),
            Err(error) if error != Errno::EINTR => return Some(WaitStatus::Exited(127)),
            _ => {}
        }
        if end.is_some_and(|end| cx.sys.now() >= end) {
            return None;
        }
        while let Some(signal) = cx.sys.take_signal() {
            if signal != Signal::CHLD {
                let _ = cx.sys.kill(pid, Some(signal));
            }
        }
        let far = cx.sys.now() + Duration::from_secs(1 << 30);
        let _ = cx.sys.sleep_until(end.unwrap_or(far)).await;
    }
}
