//! `pushd`

use super::{Builtin, builtin};
use crate::shell::{Eval, Shell};

pub const BUILTIN: Builtin =
    builtin!("pushd", "pushd [-n] [+N | -N | dir]", "Add directories to stack.", false, Bash, run);

async fn run(shell: &mut Shell, name: &str, args: &[String]) -> Eval {
    let no_change = args.first().is_some_and(|arg| arg == "-n");
    let target = args.iter().find(|arg| !matches!(arg.as_str(), "-n" | "--"));
    let mut stack = shell.stack();
    match target {
        None => {
            if stack.len() < 2 {
                shell.builtin_error(name, "no other directory").await;
                return Ok(1);
            }
            stack.swap(0, 1);
        }
        Some(text) if text.starts_with(['+', '-']) && text.get(1..).is_some_and(|n| n.parse::<u32>().is_ok()) => {
            let Some(at) = shell.stack_index(text) else {
                shell.builtin_error(name, format!("{text}: directory stack index out of range")).await;
                return Ok(1);
            };
            stack.rotate_left(at);
        }
        Some(dir) => stack.insert(0, dir.clone()),
    }
    let first = stack.first().cloned().unwrap_or_default();
    if !no_change {
        if let Err(error) = shell.change_directory(&first, false) {
            shell.builtin_error(name, format!("{first}: {}", error.message())).await;
            return Ok(1);
        }
        shell.set_stack(&stack);
    } else if let Some(dir) = target {
        shell.dirs.push(dir.clone());
    }
    match shell.builtin("dirs") {
        Some(builtin) => shell.call_builtin(builtin, &[]).await,
        None => Ok(0),
    }
}
