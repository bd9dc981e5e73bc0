//! `return`

use super::{Builtin, builtin};
use crate::shell::{Eval, Shell, Unwind};

pub const BUILTIN: Builtin = builtin!("return", "return [n]", "Return from a shell function.", true, All, run);

async fn run(shell: &mut Shell, name: &str, args: &[String]) -> Eval {
    let status = match args.first() {
        None => shell.status,
        Some(text) => match text.trim().parse::<i64>() {
            Ok(number) => (number & 255) as i32,
            Err(_) => {
                shell.builtin_error(name, format!("{text}: numeric argument required")).await;
                2
            }
        },
    };
    if shell.calls.is_empty() && shell.is_bash() {
        shell.builtin_error(name, "can only `return' from a function or sourced script").await;
        return Ok(2);
    }
    Err(Unwind::Return(status))
}
