//! `kill`

use machine::{Pid, Signal, WaitStatus};

use super::{Builtin, builtin};
use crate::Flavour;
use crate::shell::{Eval, Shell};

pub const BUILTIN: Builtin = builtin!(
    "kill",
    "kill [-s sigspec | -n signum | -sigspec] pid | jobspec ... or kill -l [sigspec]",
    "Send a signal to a job.",
    false,
    All,
    run
);

async fn run(shell: &mut Shell, name: &str, args: &[String]) -> Eval {
    let mut signal = Signal::TERM;
    let mut check_only = false;
    let mut rest = args;
    match rest.first().map(String::as_str) {
        None => return Ok(no_target(shell, name).await),
        Some("-l" | "-L") => return list(shell, name, rest.get(1..).unwrap_or(&[])).await,
        Some("-s" | "-n") => {
            let Some(text) = rest.get(1) else {
                let option = rest.first().cloned().unwrap_or_default();
                shell.builtin_error(name, format!("{option}: option requires an argument")).await;
                return Ok(1);
            };
            match parse(text) {
                Some(found) => (signal, check_only) = found,
                None => return Ok(bad_signal(shell, name, text).await),
            }
            rest = rest.get(2..).unwrap_or(&[]);
        }
        Some("--") => rest = rest.get(1..).unwrap_or(&[]),
        Some(text) if text.len() > 1 && text.starts_with('-') => {
            let text = text.get(1..).unwrap_or("").to_string();
            match parse(&text) {
                Some(found) => (signal, check_only) = found,
                None => return Ok(bad_signal(shell, name, &text).await),
            }
            rest = rest.get(1..).unwrap_or(&[]);
        }
        Some(_) => {}
    }
    if rest.first().map(String::as_str) == Some("--") {
        rest = rest.get(1..).unwrap_or(&[]);
    }
    if rest.is_empty() {
        return Ok(no_target(shell, name).await);
    }
    let mut status = 1;
    for target in rest {
        if send(shell, name, target, (!check_only).then_some(signal)).await {
            status = 0;
        }
    }
    Ok(status)
}

async fn no_target(shell: &mut Shell, name: &str) -> i32 {
    match shell.flavour {
        Flavour::Bash => shell.usage(name).await,
        Flavour::Dash => {
            let text = "Usage: kill [-s sigspec | -signum | -sigspec] [pid | job]... or\nkill -l [exitstatus]";
            shell.builtin_error(name, text).await;
        }
        Flavour::Ash => {
            shell.error("you need to specify whom to kill").await;
            return 1;
        }
    }
    2
}

/// A signal; true for the number 0, which only checks.
fn parse(text: &str) -> Option<(Signal, bool)> {
    if text == "0" {
        return Some((Signal::TERM, true));
    }
    Signal::parse(text).map(|signal| (signal, false))
}

async fn bad_signal(shell: &mut Shell, name: &str, text: &str) -> i32 {
    let message = match shell.flavour {
        Flavour::Bash => format!("{text}: invalid signal specification"),
        Flavour::Dash => format!("Illegal option -{text}"),
        Flavour::Ash => format!("bad signal name '{text}'"),
    };
    shell.builtin_error(name, message).await;
    1
}

async fn send(shell: &mut Shell, name: &str, target: &str, signal: Option<Signal>) -> bool {
    let mut stopped_group = None;
    let pid = if target.starts_with('%') {
        match shell.jobs.find(target) {
            Ok(id) => {
                let Some(job) = shell.jobs.get(id) else { return false };
                if job.is_stopped() && matches!(signal, Some(Signal::TERM | Signal::HUP)) {
                    stopped_group = Some(id);
                }
                match job.group {
                    Some(group) => Pid(-group.0),
                    None => job.members.first().map_or(Pid(0), |member| member.pid),
                }
            }
            Err(message) => {
                shell.builtin_error(name, message).await;
                return false;
            }
        }
    } else {
        match target.parse::<i32>() {
            Ok(pid) => Pid(pid),
            Err(_) => {
                let message = match shell.flavour {
                    Flavour::Bash => format!("{target}: arguments must be process or job IDs"),
                    Flavour::Dash => format!("Illegal number: {target}"),
                    Flavour::Ash => {
                        shell.error(format!("invalid number '{target}'")).await;
                        return false;
                    }
                };
                shell.builtin_error(name, message).await;
                return false;
            }
        }
    };
    match shell.sys.kill(pid, signal) {
        Ok(()) => {
            // A stopped job has to go on to notice.
            if let Some(id) = stopped_group {
                let _ = shell.sys.kill(pid, Some(Signal::CONT));
                if let Some(job) = shell.jobs.get_mut(id) {
                    for member in &mut job.members {
                        if matches!(member.status, Some(WaitStatus::Stopped(_))) {
                            member.status = None;
                        }
                    }
                    job.background = true;
                }
            }
            for job in &mut shell.jobs.list {
                job.just_killed |=
                    job.background && (job.group == Some(Pid(-pid.0)) || job.members.iter().any(|m| m.pid == pid));
            }
            if pid.0 <= 0 || pid == shell.sys.getpid() {
                // Who signals itself is signalled before the next command.
                shell.sys.yield_now().await;
            }
            true
        }
        Err(error) => {
            match shell.flavour {
                Flavour::Bash => shell.builtin_error(name, format!("({target}) - {}", error.message())).await,
                Flavour::Dash => shell.builtin_error(name, format!("{}\n", error.message())).await,
                Flavour::Ash => shell.error(format!("can't kill pid {target}: {}", error.message())).await,
            }
            false
        }
    }
}

async fn list(shell: &mut Shell, name: &str, args: &[String]) -> Eval {
    let mut status = 0;
    let mut text = String::new();
    if args.is_empty() {
        let names: Vec<(i32, String)> = (1..=64)
            .filter(|number| !matches!(number, 32 | 33))
            .filter_map(|number| Signal::from_number(number).map(|signal| (number, signal.name())))
            .collect();
        for (i, (number, signal)) in names.iter().enumerate() {
            match shell.flavour {
                Flavour::Bash => {}
                Flavour::Dash => {
                    text.push_str(&format!("{}{signal}\n", if i == 0 { "0\n" } else { "" }));
                    continue;
                }
                Flavour::Ash => {
                    text.push_str(&format!("{number:>2}) {signal}\n"));
                    continue;
                }
            }
            let end = if i % 5 == 4 || i + 1 == names.len() { "\n" } else { "\t" };
            text.push_str(&format!("{number:>2}) SIG{signal}{end}"));
        }
    }
    for arg in args {
        match arg.parse::<i32>() {
            Ok(number) => match Signal::from_number(if number > 128 { number - 128 } else { number }) {
                Some(signal) => text.push_str(&format!("{}\n", signal.name())),
                None => status = bad_signal(shell, name, arg).await,
            },
            Err(_) => match Signal::parse(arg) {
                Some(signal) => text.push_str(&format!("{}\n", signal.number())),
                None => status = bad_signal(shell, name, arg).await,
            },
        }
    }
    Ok(status | shell.print_from(name, &text).await)
}
