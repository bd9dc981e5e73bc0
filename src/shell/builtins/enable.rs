//! `enable`

use super::{Builtin, REGISTRY, builtin, find};
use crate::shell::{Eval, Shell};

pub const BUILTIN: Builtin = builtin!(
    "enable",
    "enable [-a] [-dnps] [-f filename] [name ...]",
    "Enable and disable shell builtins.",
    false,
    Bash,
    run
);

async fn run(shell: &mut Shell, name: &str, args: &[String]) -> Eval {
    let Some(options) = shell.options(name, args, "anpsdf:").await else { return Ok(2) };
    if options.has('f') || options.has('d') {
        shell.builtin_error(name, "drydock: loadable builtins are not emulated here").await;
        return Ok(1);
    }
    if options.operands.is_empty() {
        let off = |builtin: &&&Builtin| shell.disabled.iter().any(|off| off == builtin.name);
        let shown = |builtin: &&&Builtin| {
            (options.has('a') || off(builtin) == options.has('n')) && (!options.has('s') || builtin.special)
        };
        let line = |builtin: &&Builtin| format!("enable {}{}\n", if off(&builtin) { "-n " } else { "" }, builtin.name);
        let text: String = REGISTRY.iter().filter(shown).map(line).collect();
        return Ok(shell.print_from(name, &text).await);
    }
    let mut status = 0;
    for operand in options.operands {
        if find(operand).is_none() {
            shell.builtin_error(name, format!("{operand}: not a shell builtin")).await;
            status = 1;
            continue;
        }
        shell.disabled.retain(|off| off != operand);
        if options.has('n') {
            shell.disabled.push(operand.clone());
        }
    }
    Ok(status)
}
