//! `local`

use super::{Builtin, builtin};
use crate::shell::{Eval, Shell, Unwind};

pub const BUILTIN: Builtin =
    builtin!("local", "local [option] name[=value] ...", "Define local variables.", false, All, run);

async fn run(shell: &mut Shell, name: &str, args: &[String]) -> Eval {
    if !shell.in_function() {
        if !shell.is_bash() {
            shell.builtin_error(name, "not in a function").await;
            return if shell.interactive { Ok(2) } else { Err(Unwind::Exit(2)) };
        }
        shell.builtin_error(name, "can only be used in a function").await;
        return Ok(1);
    }
    super::declare::declare(shell, name, args, true).await
}
