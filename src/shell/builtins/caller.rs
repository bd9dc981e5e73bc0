//! `caller`

use super::{Builtin, builtin};
use crate::shell::{Eval, Shell};

pub const BUILTIN: Builtin =
    builtin!("caller", "caller [expr]", "Return the context of the current subroutine call.", false, Bash, run);

async fn run(shell: &mut Shell, name: &str, args: &[String]) -> Eval {
    let level = args.first().and_then(|text| text.parse::<usize>().ok());
    let count = shell.calls.len();
    let at = count.checked_sub(1 + level.unwrap_or(0));
    let Some(call) = at.and_then(|at| shell.calls.get(at)).cloned() else { return Ok(1) };
    if at == Some(0) && (shell.command_string || shell.interactive) {
        return Ok(1);
    }
    let outer = at.and_then(|at| at.checked_sub(1)).and_then(|at| shell.calls.get(at));
    let source = outer.map_or_else(|| shell.arg0.clone(), |outer| outer.source.clone());
    let function = outer.map_or_else(|| "main".to_string(), |outer| outer.name.clone());
    let text = match level {
        None => format!("{} {source}\n", call.line),
        Some(_) => format!("{} {function} {source}\n", call.line),
    };
    Ok(shell.print_from(name, &text).await)
}
