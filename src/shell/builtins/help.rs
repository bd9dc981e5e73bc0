//! `help`

use super::{Builtin, REGISTRY, builtin};
use crate::expand::pattern::{MatchOptions, Pattern};
use crate::shell::{Eval, Shell};

pub const BUILTIN: Builtin =
    builtin!("help", "help [-dms] [pattern ...]", "Display information about builtin commands.", false, NotDash, run);

async fn run(shell: &mut Shell, name: &str, args: &[String]) -> Eval {
    let Some(options) = shell.options(name, args, "dms").await else { return Ok(2) };
    let mut text = String::new();
    if options.operands.is_empty() {
        text.push_str("GNU bash, version 5.2.15(1)-release (x86_64-pc-linux-gnu)\n");
        text.push_str("These shell commands are defined internally.  Type `help name' to find out more\n");
        text.push_str("about the function `name'.\n\n");
        text.extend(REGISTRY.iter().map(|builtin| format!(" {}\n", builtin.usage)));
    }
    let mut status = 0;
    for operand in options.operands {
        let pattern = Pattern::new(&format!("{operand}*"), MatchOptions::default());
        let exact: Vec<&&Builtin> = REGISTRY.iter().filter(|builtin| builtin.name == operand).collect();
        let found =
            if exact.is_empty() { REGISTRY.iter().filter(|b| pattern.matches(b.name)).collect() } else { exact };
        if found.is_empty() {
            let message = format!(
                "no help topics match `{operand}'.  Try `help help' or `man -k {operand}' or `info {operand}'."
            );
            shell.builtin_error(name, message).await;
            status = 1;
        }
        for builtin in found {
            text.push_str(&match (options.has('d'), options.has('s')) {
                (true, _) => format!("{} - {}\n", builtin.name, builtin.summary),
                (_, true) => format!("{}: {}\n", builtin.name, builtin.usage),
                _ => describe(builtin),
            });
        }
    }
    Ok(status | shell.print_from(name, &text).await)
}

/// A builtin's synopsis and what it does.
fn describe(builtin: &Builtin) -> String {
    format!("{}: {}\n    {}\n", builtin.name, builtin.usage, builtin.summary)
}
