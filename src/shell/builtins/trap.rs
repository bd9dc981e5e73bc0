//! `trap`

use machine::Signal;

use super::{Builtin, builtin};
use crate::Flavour;
use crate::shell::{Eval, Shell};
use crate::text::single_quote;
use crate::traps::is_pseudo;

pub const BUILTIN: Builtin =
    builtin!("trap", "trap [-lp] [[arg] signal_spec ...]", "Trap signals and other events.", true, All, run);

async fn run(shell: &mut Shell, name: &str, args: &[String]) -> Eval {
    let args = match args.first().map(String::as_str) {
        Some("--") => args.get(1..).unwrap_or(&[]),
        Some("-l") => {
            let kill = ["kill".to_string(), "-l".to_string()];
            return match shell.builtin("kill") {
                Some(builtin) => shell.call_builtin(builtin, &kill).await,
                None => Ok(1),
            };
        }
        Some("-p") => return show(shell, name, args.get(1..).unwrap_or(&[])).await,
        Some(text) if text.len() > 1 && text.starts_with('-') && shell.is_bash() => {
            return Ok(shell.bad_option(name, text).await);
        }
        _ => args,
    };
    let Some((first, mut signals)) = args.split_first() else { return show(shell, name, &[]).await };
    let mut command = Some(first.as_str());
    if first == "-" {
        command = None;
    } else if signals.is_empty() || first.parse::<u32>().is_ok() {
        // One operand, or a number first: everything is a signal to reset.
        if signal_name(first).is_none() {
            shell.usage(name).await;
            return Ok(2);
        }
        command = None;
        signals = args;
    }
    let mut status = 0;
    for signal in signals {
        match signal_name(signal) {
            Some(signal) => shell.set_trap(&signal, command),
            None => {
                let message = match shell.flavour {
                    Flavour::Dash => {
                        shell.error_text(&format!("trap: {signal}: bad trap\n")).await;
                        status = 1;
                        continue;
                    }
                    _ => format!("{signal}: invalid signal specification"),
                };
                shell.builtin_error(name, message).await;
                status = 1;
            }
        }
    }
    Ok(status)
}

/// The name under which a trap is kept.
fn signal_name(text: &str) -> Option<String> {
    let upper = text.to_ascii_uppercase();
    if text == "0" {
        return Some("EXIT".into());
    }
    let plain = upper.strip_prefix("SIG").unwrap_or(&upper);
    if is_pseudo(plain) {
        return Some(plain.to_string());
    }
    Signal::parse(text).map(Signal::name)
}

async fn show(shell: &mut Shell, name: &str, only: &[String]) -> Eval {
    let wanted: Vec<String> = only.iter().filter_map(|text| signal_name(text)).collect();
    let traps = if shell.traps.handlers.is_empty() { &shell.traps.inherited } else { &shell.traps.handlers };
    let order = |name: &str| match name {
        "EXIT" => 0,
        "DEBUG" => 65,
        "ERR" => 66,
        "RETURN" => 67,
        name => Signal::parse(name).map_or(99, |signal| i32::from(signal.number())),
    };
    let mut rows: Vec<(&String, &String)> =
        traps.iter().filter(|(n, _)| wanted.is_empty() || wanted.contains(n)).collect();
    rows.sort_by_key(|(name, _)| order(name));
    let bash = shell.is_bash();
    let line = |(signal, command): (&String, &String)| {
        let prefix = if is_pseudo(signal) || !bash { "" } else { "SIG" };
        format!("trap -- {} {prefix}{signal}\n", single_quote(command))
    };
    let text: String = rows.into_iter().map(line).collect();
    Ok(shell.print_from(name, &text).await)
}
