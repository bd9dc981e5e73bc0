//! `nice` and `renice`: the machine gives all processes the same share, so priorities change nothing; `killall`:
//! signals by name.

use machine::{Errno, ExitCode, Pid, Signal};

use super::env::exec_on_path;
use crate::context::Context;
use crate::options::{HELP, Spec, VERSION, Value};

const SPEC: Spec = Spec { short: "n:", long: &[("adjustment", 'n', Value::Required), HELP, VERSION], posix: true };

const USAGE: &str = "\
Usage: nice [OPTION] [COMMAND [ARG]...]
Run COMMAND with an adjusted niceness, which affects process scheduling.
With no COMMAND, print the current niceness.  Niceness values range from
-20 (most favorable to the process) to 19 (least favorable to the process).

  -n, --adjustment=N   add integer N to the niceness (default 10)
      --help        display this help and exit
      --version     output version information and exit
";

/// `nice`.
pub async fn run(cx: &mut Context) -> ExitCode {
    // `-5` is `-n 5`.
    if let Some(first) = cx.args.first_mut()
        && let Some(number) = first.strip_prefix('-').filter(|rest| rest.parse::<i32>().is_ok())
    {
        *first = format!("-n{number}");
    }
    let parsed = match cx.options(&SPEC, USAGE).await {
        Ok(parsed) => parsed,
        Err(status) => return if status == ExitCode::SUCCESS { status } else { ExitCode(125) },
    };
    if let Some(text) = parsed.value('n').filter(|text| text.parse::<i32>().is_err()) {
        let text = format!("invalid adjustment {}", cx.quote(text));
        cx.error(text).await;
        return ExitCode(125);
    }
    if parsed.operands.is_empty() {
        if parsed.has('n') {
            let _ = cx.usage_error("a command must be given with an adjustment").await;
            return ExitCode(125);
        }
        cx.line("0").await;
        return cx.status();
    }
    let program = parsed.operands[0].clone();
    let environment = cx.sys.env().to_vec();
    let error = exec_on_path(cx, &program, parsed.operands, environment).await;
    let text = format!("{}: {error}", cx.quote(&program));
    cx.error(text).await;
    ExitCode(if error == Errno::ENOENT { 127 } else { 126 })
}

const KILLALL: &str = "\
Usage: killall [OPTION]... [--] NAME...
       killall -l, --list
       killall -V, --version

  -e,--exact          require exact match for very long names
  -I,--ignore-case    case insensitive process name match
  -q,--quiet          don't print complaints
  -s,--signal SIGNAL  send this signal instead of SIGTERM
  -v,--verbose        report if the signal was successfully sent
";

/// `killall`.
pub async fn run_killall(cx: &mut Context) -> ExitCode {
    let (mut signal, mut quiet, mut verbose, mut folded) = (Signal::TERM, false, false, false);
    let mut names = Vec::new();
    let args = cx.args.clone();
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "-q" | "--quiet" => quiet = true,
            "-v" | "--verbose" => verbose = true,
            "-I" | "--ignore-case" => folded = true,
            "-e" | "--exact" | "--" => {}
            "-s" | "--signal" | "-n" => match args.next().map(|text| (text, Signal::parse(text))) {
                Some((_, Some(given))) => signal = given,
                given => return wrong_signal(cx, given.map_or("", |(text, _)| text)).await,
            },
            option if option.starts_with('-') => match Signal::parse(&option[1..]) {
                Some(given) => signal = given,
                None => return wrong_signal(cx, &option[1..]).await,
            },
            name => names.push(name.to_string()),
        }
    }
    if names.is_empty() {
        cx.complain(KILLALL).await;
        return ExitCode::FAILURE;
    }
    let own = cx.sys.getpid();
    for name in names {
        let same = |comm: &str| if folded { comm.eq_ignore_ascii_case(&name) } else { comm == name };
        let hit: Vec<Pid> =
            cx.sys.processes().into_iter().filter(|p| p.pid != own && same(&p.comm)).map(|p| p.pid).collect();
        if hit.is_empty() {
            cx.fail();
            if !quiet {
                cx.complain(&format!("{name}: no process found\n")).await;
            }
        }
        for pid in hit {
            match cx.sys.kill(pid, Some(signal)) {
                Ok(()) if verbose => {
                    cx.complain(&format!("Killed {name}({pid}) with signal {}\n", signal.number())).await;
                }
                Ok(()) => {}
                Err(error) => {
                    cx.fail();
                    cx.complain(&format!("{name}({pid}): {error}\n")).await;
                }
            }
        }
    }
    cx.status()
}

async fn wrong_signal(cx: &mut Context, text: &str) -> ExitCode {
    cx.complain(&format!("{text}: unknown signal; killall -l lists signals.\n")).await;
    ExitCode::FAILURE
}
