//! `let`

use super::{Builtin, builtin};
use crate::expand::arith::evaluate;
use crate::shell::{Eval, Shell};

pub const BUILTIN: Builtin =
    builtin!("let", "let arg [arg ...]", "Evaluate arithmetic expressions.", false, NotDash, run);

async fn run(shell: &mut Shell, name: &str, args: &[String]) -> Eval {
    if args.is_empty() {
        shell.builtin_error(name, "expression expected").await;
        return Ok(1);
    }
    let mut value = 0;
    for arg in args {
        match evaluate(arg, shell) {
            Ok(result) => value = result,
            Err(message) => {
                shell.builtin_error(name, message).await;
                return Ok(1);
            }
        }
    }
    Ok(i32::from(value == 0))
}
