//! `pwd`

use super::{Builtin, builtin};
use crate::shell::{Eval, Shell};

pub const BUILTIN: Builtin =
    builtin!("pwd", "pwd [-LP]", "Print the name of the current working directory.", false, All, run);

async fn run(shell: &mut Shell, name: &str, args: &[String]) -> Eval {
    let Some(options) = shell.options(name, args, "LP").await else { return Ok(2) };
    let physical = options.given.last().is_some_and(|(option, _)| *option == 'P') || shell.settings.is_set("physical");
    let path = if physical { shell.sys.getcwd().unwrap_or_else(|_| shell.cwd.clone()) } else { shell.cwd.clone() };
    Ok(shell.print_from(name, &format!("{path}\n")).await)
}
