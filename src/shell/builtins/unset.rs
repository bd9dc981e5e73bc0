//! `unset`

use super::{Builtin, builtin};
use crate::shell::{Eval, Shell};
use crate::syntax::is_name;
use crate::vars::Value;

pub const BUILTIN: Builtin = builtin!(
    "unset",
    "unset [-f] [-v] [-n] [name ...]",
    "Unset values and attributes of shell variables and functions.",
    true,
    All,
    run
);

async fn run(shell: &mut Shell, name: &str, args: &[String]) -> Eval {
    let Some(options) = shell.options(name, args, "fvn").await else {
        let ends = !shell.is_bash() && !shell.interactive;
        return if ends { Err(crate::shell::Unwind::Exit(2)) } else { Ok(2) };
    };
    let mut status = 0;
    for operand in options.operands {
        if options.has('f') {
            shell.functions.remove(operand);
            continue;
        }
        if let Some((variable, index)) = operand.strip_suffix(']').and_then(|text| text.split_once('[')) {
            if let Err(message) = unset_element(shell, variable, index) {
                shell.builtin_error(name, message).await;
                status = 1;
            }
            continue;
        }
        if !is_name(operand) {
            // What is no variable's name may be a function's; that there is none is no error.
            if !options.has('v') && (shell.functions.remove(operand).is_some() || shell.is_bash()) {
                continue;
            }
            shell.builtin_error(name, format!("`{operand}': not a valid identifier")).await;
            status = 1;
            continue;
        }
        let target = if options.has('n') { operand.clone() } else { shell.vars.resolve(operand) };
        match shell.vars.unset(&target) {
            Ok(true) => {}
            Ok(false) if !options.has('v') => {
                shell.functions.remove(operand);
            }
            Ok(false) => {}
            Err(_) => {
                let message = match shell.is_bash() {
                    true => format!("{operand}: cannot unset: readonly variable"),
                    false => format!("{operand}: is read only"),
                };
                shell.builtin_error(name, message).await;
                status = 1;
            }
        }
    }
    Ok(status)
}

fn unset_element(shell: &mut Shell, variable: &str, index: &str) -> Result<(), String> {
    if matches!(index, "@" | "*") {
        shell.vars.unset(variable).map_err(|_| format!("{variable}: cannot unset: readonly variable"))?;
        return Ok(());
    }
    if matches!(shell.vars.get(variable).map(|var| &var.value), Some(Value::Assoc(_))) {
        if let Value::Assoc(items) = &mut shell.vars.entry(variable).value {
            items.remove(index);
        }
        return Ok(());
    }
    let number = crate::expand::arith::evaluate(index, shell)?;
    match &mut shell.vars.entry(variable).value {
        Value::Indexed(items) => {
            let at = crate::vars::from_end(number, items).ok_or_else(|| format!("[{index}]: bad array subscript"))?;
            items.remove(&at);
            Ok(())
        }
        _ => Err(format!("{variable}: not an array variable")),
    }
}
