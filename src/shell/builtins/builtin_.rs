//! `builtin`

use super::{Builtin, builtin};
use crate::shell::{Eval, Shell};

pub const BUILTIN: Builtin =
    builtin!("builtin", "builtin [shell-builtin [arg ...]]", "Execute shell builtins.", false, Bash, run);

async fn run(shell: &mut Shell, name: &str, args: &[String]) -> Eval {
    let Some(options) = shell.options(name, args, "").await else { return Ok(2) };
    let Some(target) = options.operands.first() else { return Ok(0) };
    match shell.builtin(target) {
        Some(builtin) => shell.call_builtin(builtin, options.operands).await,
        None => {
            shell.builtin_error(name, format!("{target}: not a shell builtin")).await;
            Ok(1)
        }
    }
}
