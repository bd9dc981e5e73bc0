//! `unalias`

use std::rc::Rc;

use super::{Builtin, builtin};
use crate::shell::{Eval, Shell};

pub const BUILTIN: Builtin = builtin!(
    "unalias",
    "unalias [-a] name [name ...]",
    "Remove each NAME from the list of defined aliases.",
    false,
    All,
    run
);

async fn run(shell: &mut Shell, name: &str, args: &[String]) -> Eval {
    let Some(options) = shell.options(name, args, "a").await else { return Ok(2) };
    if options.has('a') {
        shell.aliases = Rc::default();
        return Ok(0);
    }
    if options.operands.is_empty() {
        shell.usage(name).await;
        return Ok(2);
    }
    let mut status = 0;
    for operand in options.operands {
        if Rc::make_mut(&mut shell.aliases).remove(operand).is_none() {
            shell.builtin_error(name, format!("{operand}: not found")).await;
            status = 1;
        }
    }
    Ok(status)
}
