//! `readonly`

use super::declare::Attributes;
use super::{Builtin, builtin};
use crate::shell::{Eval, Shell};

pub const BUILTIN: Builtin = builtin!(
    "readonly",
    "readonly [-aAf] [name[=value] ...] or readonly -p",
    "Mark shell variables as unchangeable.",
    true,
    All,
    run
);

async fn run(shell: &mut Shell, name: &str, args: &[String]) -> Eval {
    let known = if shell.is_bash() { "aAfp" } else { "p" };
    let Some(options) = shell.options(name, args, known).await else { return Ok(2) };
    if options.operands.is_empty() {
        return shell.show_declared(name, 'r').await;
    }
    let mut on = "r".to_string();
    on.extend(options.given.iter().map(|(letter, _)| *letter).filter(|letter| matches!(letter, 'a' | 'A')));
    let skipped = args.len() - options.operands.len();
    shell.declare_all(name, options.operands, skipped, Attributes { on, off: String::new() }).await
}
