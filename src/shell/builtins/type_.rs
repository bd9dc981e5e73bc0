//! `type`

use super::{Builtin, builtin};
use crate::Flavour;
use crate::shell::{Eval, Shell};
use crate::syntax::{is_reserved, print};

pub const BUILTIN: Builtin =
    builtin!("type", "type [-afptP] name [name ...]", "Display information about command type.", false, All, run);

async fn run(shell: &mut Shell, name: &str, args: &[String]) -> Eval {
    let Some(options) = shell.options(name, args, "afptP").await else { return Ok(2) };
    let mut status = 0;
    for operand in options.operands {
        let plain = options.given.iter().all(|(option, _)| *option == 'f');
        let found = if plain {
            tell(shell, name, operand).await
        } else {
            let mut text = String::new();
            let rows = kinds(shell, operand, options.has('f') || options.has('P'));
            let rows = rows.iter().filter(|(kind, _)| !options.has('P') || *kind == "file");
            for (kind, line) in rows {
                if options.has('t') {
                    text.push_str(&format!("{kind}\n"));
                } else if options.has('p') || options.has('P') {
                    if *kind == "file" {
                        text.push_str(&format!("{}\n", line.rsplit(" is ").next().unwrap_or(line)));
                    }
                } else {
                    text.push_str(&format!("{line}\n"));
                }
                if !options.has('a') {
                    break;
                }
            }
            let any = !kinds(shell, operand, options.has('P')).is_empty();
            shell.print_from(name, &text).await;
            if !any && !options.has('t') && !options.has('p') && !options.has('P') {
                shell.builtin_error(name, format!("{operand}: not found")).await;
            }
            any
        };
        if !found {
            status = if shell.is_bash() { 1 } else { 127 };
        }
    }
    Ok(status)
}

/// What a name is: kinds with bash's lines about them, the one that is used first.
fn kinds(shell: &Shell, name: &str, no_function: bool) -> Vec<(&'static str, String)> {
    let mut rows = Vec::new();
    let expands = !shell.is_bash() || shell.settings.shopt("expand_aliases");
    if let Some(value) = shell.aliases.get(name).filter(|_| expands) {
        rows.push(("alias", format!("{name} is aliased to `{value}'")));
    }
    if is_reserved(name) {
        rows.push(("keyword", format!("{name} is a shell keyword")));
    }
    if let Some(defined) = shell.functions.get(name).filter(|_| !no_function) {
        rows.push(("function", format!("{name} is a function\n{}", print::function(&defined.function))));
    }
    if let Some(builtin) = shell.builtin(name) {
        let special = if builtin.special && !shell.is_bash() { "special " } else { "" };
        rows.push(("builtin", format!("{name} is a {special}shell builtin")));
    }
    for path in shell.find_all(name) {
        rows.push(("file", format!("{name} is {path}")));
    }
    rows
}

/// Tells what a name is; false where it is nothing.
pub async fn tell(shell: &mut Shell, builtin: &str, name: &str) -> bool {
    let mut rows = kinds(shell, name, false);
    if rows.is_empty() {
        match shell.flavour {
            Flavour::Bash => shell.builtin_error(builtin, format!("{name}: not found")).await,
            _ => {
                shell.print_from(builtin, &format!("{name}: not found\n")).await;
            }
        }
        return false;
    }
    let (kind, mut line) = rows.remove(0);
    if kind == "file"
        && shell.is_bash()
        && !name.contains('/')
        && let Some((path, _)) = shell.hash.get(name)
    {
        line = format!("{name} is hashed ({path})");
    }
    if kind == "alias" && !shell.is_bash() {
        line = format!("{name} is an alias for {}", shell.aliases.get(name).map_or("", String::as_str));
    }
    if kind == "function" && !shell.is_bash() {
        line = format!("{name} is a function");
    }
    shell.print_from(builtin, &format!("{line}\n")).await == 0
}
