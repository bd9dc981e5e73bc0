//! `bind`

use super::{Builtin, builtin};
use crate::shell::{Eval, Shell};

pub const BUILTIN: Builtin = builtin!(
    "bind",
    "bind [-lpsvPSVX] [-m keymap] [-f filename] [-q name] [-u name] [-r keyseq] [-x keyseq:shell-command] \
     [keyseq:readline-function or readline-command]",
    "Set Readline key bindings and variables.",
    false,
    Bash,
    run
);

async fn run(shell: &mut Shell, name: &str, _args: &[String]) -> Eval {
    if !shell.interactive {
        shell.builtin_error(name, "warning: line editing not enabled").await;
        return Ok(0);
    }
    shell.builtin_error(name, "drydock: other key bindings are not emulated here").await;
    Ok(1)
}
