//! `compopt`

use super::{Builtin, builtin};
use crate::shell::{Eval, Shell};

pub const BUILTIN: Builtin = builtin!(
    "compopt",
    "compopt [-o|+o option] [-DEI] [name ...]",
    "Modify or display completion options.",
    false,
    Bash,
    run
);

async fn run(shell: &mut Shell, name: &str, args: &[String]) -> Eval {
    if args.iter().all(|arg| arg.starts_with(['-', '+']) || arg.chars().all(|c| c.is_ascii_lowercase())) {
        // Within a completion function the options of the completion at hand; they change nothing here.
        return Ok(0);
    }
    shell.builtin_error(name, "not currently executing completion function").await;
    Ok(1)
}
