//! `set`

use std::rc::Rc;

use super::{Builtin, builtin};
use crate::Flavour;
use crate::options::{SET_OPTIONS, Settings};
use crate::shell::{Eval, Shell, Unwind};
use crate::text::quote_if_needed;
use crate::vars::Value;

pub const BUILTIN: Builtin = builtin!(
    "set",
    "set [-abefhkmnptuvxBCEHPT] [-o option-name] [--] [-] [arg ...]",
    "Set or unset values of shell options and positional parameters.",
    true,
    All,
    run
);

async fn run(shell: &mut Shell, name: &str, args: &[String]) -> Eval {
    if args.is_empty() {
        let text = variables(shell);
        return Ok(shell.print_from(name, &text).await);
    }
    let mut at = 0;
    while let Some(arg) = args.get(at) {
        let on = match arg.as_bytes().first() {
            Some(b'-') => true,
            Some(b'+') => false,
            _ => break,
        };
        at += 1;
        let letters = arg.get(1..).unwrap_or("");
        if arg == "--" {
            shell.params = Rc::new(args.get(at..).unwrap_or(&[]).to_vec());
            return Ok(0);
        }
        if arg == "-" {
            shell.settings.set("xtrace", false);
            shell.settings.set("verbose", false);
            if at < args.len() {
                shell.params = Rc::new(args.get(at..).unwrap_or(&[]).to_vec());
            }
            return Ok(0);
        }
        for letter in letters.chars() {
            if letter == 'o' {
                let Some(option) = args.get(at) else { return show_options(shell, name, on).await };
                at += 1;
                if !shell.set_option(option, on) {
                    return bad(shell, name, option).await;
                }
                continue;
            }
            let Some(option) = Settings::by_letter(letter) else {
                let sign = if on { '-' } else { '+' };
                let status = shell.bad_option(name, &format!("{sign}{letter}")).await;
                return if shell.is_bash() || shell.interactive { Ok(status) } else { Err(Unwind::Exit(2)) };
            };
            shell.set_option(option, on);
        }
    }
    if at < args.len() {
        shell.params = Rc::new(args.get(at..).unwrap_or(&[]).to_vec());
    }
    Ok(0)
}

async fn bad(shell: &mut Shell, name: &str, option: &str) -> Eval {
    match shell.flavour {
        Flavour::Bash => {
            shell.builtin_error(name, format!("{option}: invalid option name")).await;
            Ok(2)
        }
        Flavour::Dash => {
            shell.builtin_error(name, format!("Illegal option -o {option}")).await;
            Err(Unwind::Exit(2))
        }
        Flavour::Ash => {
            shell.builtin_error(name, format!("illegal option -o {option}")).await;
            Err(Unwind::Exit(2))
        }
    }
}

async fn show_options(shell: &mut Shell, name: &str, table: bool) -> Eval {
    if !shell.is_bash() {
        const OWN: &[&str] = &[
            "errexit",
            "noglob",
            "ignoreeof",
            "interactive",
            "monitor",
            "noexec",
            "stdin",
            "xtrace",
            "verbose",
            "vi",
            "emacs",
            "noclobber",
            "allexport",
            "notify",
            "nounset",
            "nolog",
            "debug",
        ];
        let is_on = |option: &str| match option {
            "interactive" => shell.interactive,
            "stdin" => shell.from_stdin,
            option => shell.settings.is_set(option),
        };
        let heading = if shell.flavour == Flavour::Dash { "Current option settings\n" } else { "" };
        let row = |option: &&str| format!("{option:<16}{}\n", if is_on(option) { "on" } else { "off" });
        let text = heading.to_string() + &OWN.iter().map(row).collect::<String>();
        return Ok(shell.print_from(name, &text).await);
    }
    let row = |option: &str, on: bool| match table {
        true => format!("{option:<15}\t{}\n", if on { "on" } else { "off" }),
        false => format!("set {}o {option}\n", if on { '-' } else { '+' }),
    };
    let text: String = SET_OPTIONS.iter().map(|(option, _)| row(option, shell.settings.is_set(option))).collect();
    Ok(shell.print_from(name, &text).await)
}

impl Shell {
    /// Turns an option on or off, with what hangs on it.
    pub fn set_option(&mut self, option: &str, on: bool) -> bool {
        if option == "emacs" && on {
            self.settings.set("vi", false);
        } else if option == "vi" && on {
            self.settings.set("emacs", false);
        }
        self.settings.set(option, on)
    }
}

/// All variables as `set` shows them, functions behind them.
fn variables(shell: &Shell) -> String {
    let mut text = String::new();
    for (name, var) in shell.vars.iter() {
        match &var.value {
            Value::Unset => {}
            Value::Scalar(value) if shell.is_bash() && value.is_empty() => text.push_str(&format!("{name}=\n")),
            Value::Scalar(value) if shell.is_bash() => text.push_str(&format!("{name}={}\n", quote_if_needed(value))),
            Value::Scalar(value) => text.push_str(&format!("{name}={}\n", crate::text::single_quote(value))),
            _ => text.push_str(&format!("{name}={}\n", super::declare::array_text(var))),
        }
    }
    if shell.is_bash() {
        for defined in shell.functions.values() {
            text.push_str(&crate::syntax::print::function(&defined.function));
            text.push('\n');
        }
    }
    text
}
