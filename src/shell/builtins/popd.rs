//! `popd`

use super::{Builtin, builtin};
use crate::shell::{Eval, Shell};

pub const BUILTIN: Builtin =
    builtin!("popd", "popd [-n] [+N | -N]", "Remove directories from stack.", false, Bash, run);

async fn run(shell: &mut Shell, name: &str, args: &[String]) -> Eval {
    let no_change = args.first().is_some_and(|arg| arg == "-n");
    let target = args.iter().find(|arg| !matches!(arg.as_str(), "-n" | "--"));
    let mut stack = shell.stack();
    if stack.len() < 2 {
        shell.builtin_error(name, "directory stack empty").await;
        return Ok(1);
    }
    let at = match target {
        None => usize::from(no_change),
        Some(text) => match shell.stack_index(text) {
            Some(at) => at,
            None => {
                shell.builtin_error(name, format!("{text}: directory stack index out of range")).await;
                return Ok(1);
            }
        },
    };
    stack.remove(at);
    if at == 0 {
        let first = stack.first().cloned().unwrap_or_default();
        if let Err(error) = shell.change_directory(&first, false) {
            shell.builtin_error(name, format!("{first}: {}", error.message())).await;
            return Ok(1);
        }
    }
    shell.set_stack(&stack);
    match shell.builtin("dirs") {
        Some(builtin) => shell.call_builtin(builtin, &[]).await,
        None => Ok(0),
    }
}
