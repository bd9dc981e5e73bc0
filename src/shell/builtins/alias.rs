//! `alias`

use std::rc::Rc;

use super::{Builtin, builtin};
use crate::shell::{Eval, Shell};
use crate::text::single_quote;

pub const BUILTIN: Builtin =
    builtin!("alias", "alias [-p] [name[=value] ... ]", "Define or display aliases.", false, All, run);

async fn run(shell: &mut Shell, name: &str, args: &[String]) -> Eval {
    let Some(options) = shell.options(name, args, "p").await else { return Ok(2) };
    let lead = if shell.is_bash() { "alias " } else { "" };
    if options.operands.is_empty() || options.has('p') {
        let lines = shell.aliases.iter().map(|(name, value)| format!("{lead}{name}={}\n", single_quote(value)));
        let text: String = lines.collect();
        return Ok(shell.print_from(name, &text).await);
    }
    let mut status = 0;
    for operand in options.operands {
        match operand.split_once('=') {
            Some((alias, value)) if !alias.is_empty() => {
                if alias.contains(['/', '$', '`', ' ', '\t', '\n', '\'', '"', '\\', '|', '&', ';', '(', ')', '<', '>'])
                {
                    shell.builtin_error(name, format!("`{alias}': invalid alias name")).await;
                    status = 1;
                    continue;
                }
                Rc::make_mut(&mut shell.aliases).insert(alias.to_string(), value.to_string());
            }
            _ => match shell.aliases.get(operand).cloned() {
                Some(value) => {
                    let text = format!("{lead}{operand}={}\n", single_quote(&value));
                    status |= shell.print_from(name, &text).await;
                }
                None => {
                    shell.builtin_error(name, format!("{operand}: not found")).await;
                    status = 1;
                }
            },
        }
    }
    Ok(status)
}
