//! `shopt`

use super::{Builtin, builtin};
use crate::options::{SET_OPTIONS, SHELL_OPTIONS};
use crate::shell::{Eval, Shell};

pub const BUILTIN: Builtin =
    builtin!("shopt", "shopt [-pqsu] [-o] [optname ...]", "Set and unset shell options.", false, Bash, run);

async fn run(shell: &mut Shell, name: &str, args: &[String]) -> Eval {
    let Some(options) = shell.options(name, args, "psuqo").await else { return Ok(2) };
    let set = options.has('o');
    let (on, off) = (options.has('s'), options.has('u'));
    if on && off {
        shell.builtin_error(name, "cannot set and unset shell options simultaneously").await;
        return Ok(1);
    }
    let known: Vec<&str> = match set {
        true => SET_OPTIONS.iter().map(|(name, _)| *name).collect(),
        false => SHELL_OPTIONS.iter().map(|(name, _)| *name).collect(),
    };
    let mut status = 0;
    let mut text = String::new();
    let is_on =
        |shell: &Shell, option: &str| if set { shell.settings.is_set(option) } else { shell.settings.shopt(option) };
    if options.operands.is_empty() {
        let filter = |shell: &Shell, option: &str| (!on && !off) || is_on(shell, option) == on;
        for option in known.iter().filter(|option| filter(shell, option)) {
            text.push_str(&line(option, is_on(shell, option), options.has('p'), set));
        }
        return Ok(if options.has('q') { 0 } else { shell.print_from(name, &text).await });
    }
    for option in options.operands {
        if !known.contains(&option.as_str()) {
            let what = if set { "invalid option name" } else { "invalid shell option name" };
            shell.builtin_error(name, format!("{option}: {what}")).await;
            status = 1;
            continue;
        }
        if on || off {
            if set {
                shell.set_option(option, on)
            } else {
                shell.settings.set_shopt(option, on)
            };
            continue;
        }
        let value = is_on(shell, option);
        if !value {
            status = 1;
        }
        if !options.has('q') {
            text.push_str(&line(option, value, options.has('p'), set));
        }
    }
    Ok(status | shell.print_from(name, &text).await)
}

fn line(option: &str, on: bool, command: bool, set: bool) -> String {
    match (command, set) {
        (true, false) => format!("shopt {} {option}\n", if on { "-s" } else { "-u" }),
        (true, true) => format!("set {}o {option}\n", if on { '-' } else { '+' }),
        (false, _) => format!("{option:<15}\t{}\n", if on { "on" } else { "off" }),
    }
}
