//! `hash`

use super::{Builtin, builtin};
use crate::shell::{Eval, Shell};

pub const BUILTIN: Builtin = builtin!(
    "hash",
    "hash [-lr] [-p pathname] [-dt] [name ...]",
    "Remember or display program locations.",
    false,
    All,
    run
);

async fn run(shell: &mut Shell, name: &str, args: &[String]) -> Eval {
    let Some(options) = shell.options(name, args, "lrp:dt").await else { return Ok(2) };
    if options.has('r') {
        shell.hash.clear();
        return Ok(0);
    }
    if options.operands.is_empty() {
        if shell.hash.is_empty() {
            return Ok(if shell.is_bash() { shell.print_from(name, "hash: hash table empty\n").await } else { 0 });
        }
        if !shell.is_bash() {
            let text: String = shell.hash.values().map(|(path, _)| format!("{path}\n")).collect();
            return Ok(shell.print_from(name, &text).await);
        }
        let mut text = "hits\tcommand\n".to_string();
        text.extend(shell.hash.values().map(|(path, hits)| format!("{hits:>4}\t{path}\n")));
        return Ok(shell.print_from(name, &text).await);
    }
    let mut status = 0;
    for operand in options.operands {
        if options.has('d') {
            shell.hash.remove(operand);
        } else if let Some(path) = options.value('p') {
            shell.hash.insert(operand.clone(), (path.to_string(), 0));
        } else if options.has('t') {
            match shell.hash.get(operand).map(|(path, _)| format!("{path}\n")) {
                Some(text) => status |= shell.print_from(name, &text).await,
                None => {
                    shell.builtin_error(name, format!("{operand}: not found")).await;
                    status = 1;
                }
            }
        } else if let Some(path) = shell.find_all(operand).into_iter().next() {
            shell.hash.insert(operand.clone(), (path, 0));
        } else if shell.builtin(operand).is_none() {
            shell.builtin_error(name, format!("{operand}: not found")).await;
            status = 1;
        }
    }
    Ok(status)
}
