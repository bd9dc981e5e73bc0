//! `kill`: signals to processes (procps, BusyBox).

use machine::{ExitCode, Pid, Signal};

use crate::context::Context;

const USAGE: &str = "
Usage:
 kill [options] <pid> [...]

Options:
 <pid> [...]            send signal to every <pid> listed
 -<signal>, -s, --signal <signal>
                        specify the <signal> to be sent
 -q, --queue <value>    integer value to be sent with the signal
 -l, --list=[<signal>]  list all signal names, or convert one to a name
 -L, --table            list all signal names in a nice table

 -h, --help     display this help and exit
 -V, --version  output version information and exit

For more details see kill(1).
";

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    let args = cx.args.clone();
    let mut args = args.iter().peekable();
    let mut signal = Some(Signal::TERM);
    if let Some(first) = args.peek() {
        let named = match first.as_str() {
            "-h" | "--help" => {
                cx.put(USAGE.as_bytes()).await;
                return ExitCode::SUCCESS;
            }
            "-l" | "-L" | "--list" | "--table" => {
                args.next();
                return list(cx, args.next().map(String::as_str)).await;
            }
            "-s" | "-n" | "--signal" => {
                args.next();
                args.next().cloned()
            }
            "--" => None,
            text if text.len() > 1 && text.starts_with('-') => args.next().map(|a| a[1..].to_string()),
            _ => None,
        };
        if let Some(name) = named {
            signal = match (name.as_str(), Signal::parse(&name)) {
                ("0", _) => None,
                (_, Some(signal)) => Some(signal),
                _ if cx.is_busybox() => {
                    cx.error(format_args!("invalid signal '{name}'")).await;
                    return cx.status();
                }
                _ => {
                    let letter = name.chars().next().unwrap_or(' ');
                    cx.error(format_args!("invalid argument {letter}")).await;
                    cx.complain(USAGE).await;
                    return cx.status();
                }
            };
        }
    }
    let pids: Vec<&String> = args.filter(|a| *a != "--").collect();
    if pids.is_empty() {
        if cx.is_busybox() {
            cx.error("you need to specify whom to kill").await;
        } else {
            cx.complain(USAGE).await;
        }
        return ExitCode::FAILURE;
    }
    for text in pids {
        let Ok(pid) = text.parse::<i32>() else {
            let what = if cx.is_busybox() {
                format!("invalid number '{text}'")
            } else {
                format!("failed to parse argument: '{text}'")
            };
            cx.error(what).await;
            continue;
        };
        if let Err(error) = cx.sys.kill(Pid(pid), signal) {
            let what =
                if cx.is_busybox() { format!("can't kill pid {pid}: {error}") } else { format!("({pid}): {error}") };
            cx.error(what).await;
        }
    }
    cx.status()
}

async fn list(cx: &mut Context, which: Option<&str>) -> ExitCode {
    match which {
        Some(which) => match which.parse::<i32>() {
            Ok(number) => {
                let number = if number > 128 { number - 128 } else { number };
                match Signal::from_number(number) {
                    Some(signal) => cx.line(&signal.name()).await,
                    None => cx.error(format_args!("unknown signal name {which}")).await,
                }
            }
            Err(_) => match Signal::parse(which) {
                Some(signal) => cx.line(&signal.number().to_string()).await,
                None => cx.error(format_args!("unknown signal name {which}")).await,
            },
        },
        None => {
            let name = |s: Signal| if s == Signal::IO { "POLL".to_string() } else { s.name() };
            let names: Vec<String> = (1..=31).filter_map(Signal::from_number).map(name).collect();
            // As many as stay below column 80.
            let mut line = String::new();
            for name in names {
                if line.len() + 1 + name.len() >= 80 {
                    cx.line(&line).await;
                    line.clear();
                }
                if !line.is_empty() {
                    line.push(' ');
                }
                line.push_str(&name);
            }
            cx.line(&line).await;
        }
    }
    cx.status()
}
