//! `exec`

use super::{Builtin, builtin};
use crate::shell::{Eval, Shell};

pub const BUILTIN: Builtin = builtin!(
    "exec",
    "exec [-cl] [-a name] [command [argument ...]] [redirection ...]",
    "Replace the shell with the given command.",
    true,
    All,
    run
);

async fn run(shell: &mut Shell, _: &str, args: &[String]) -> Eval {
    Ok(exec(shell, args).await?.unwrap_or(0))
}

/// Runs a program in the shell's place. None: there was none to run; else the status of the failure.
pub async fn exec(shell: &mut Shell, args: &[String]) -> Eval<Option<i32>> {
    let Some(options) = shell.options("exec", args, "cla:").await else { return Ok(Some(2)) };
    let mut arguments = options.operands.to_vec();
    let Some(name) = arguments.first().cloned() else { return Ok(None) };
    let Some(path) = shell.find_program(&name) else {
        shell.builtin_error("exec", format!("{name}: not found")).await;
        return Ok(Some(127));
    };
    if let Some(first) = arguments.first_mut() {
        if let Some(other) = options.value('a') {
            *first = other.to_string();
        }
        if options.has('l') {
            first.insert(0, '-');
        }
    }
    let env = if options.has('c') { Vec::new() } else { shell.vars.environment() };
    let interactive = shell.interactive && shell.subshell == 0;
    if interactive {
        shell.reset_signals(true);
    }
    let error = shell.sys.execve(&path, arguments, env).await;
    if interactive {
        shell.shield_signals();
    }
    if error == machine::Errno::ENOENT && shell.is_bash() {
        shell.error(format!("{name}: {}", error.message())).await;
        let status = 127;
        return Ok(Some(status));
    }
    Ok(Some(shell.exec_failed(&name, &path, error).await))
}
