//! `suspend`

use machine::Signal;

use super::{Builtin, builtin};
use crate::shell::{Eval, Shell};

pub const BUILTIN: Builtin = builtin!("suspend", "suspend [-f]", "Suspend shell execution.", false, Bash, run);

async fn run(shell: &mut Shell, name: &str, args: &[String]) -> Eval {
    let Some(options) = shell.options(name, args, "f").await else { return Ok(2) };
    if shell.login && !options.has('f') {
        shell.builtin_error(name, "cannot suspend a login shell").await;
        return Ok(1);
    }
    if !shell.job_control() {
        shell.builtin_error(name, "cannot suspend: no job control").await;
        return Ok(1);
    }
    let _ = shell.sys.kill(shell.sys.getpid(), Some(Signal::STOP));
    shell.sys.yield_now().await;
    Ok(0)
}
