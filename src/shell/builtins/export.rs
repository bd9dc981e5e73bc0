//! `export`

use super::declare::Attributes;
use super::{Builtin, builtin};
use crate::Flavour;
use crate::shell::{Eval, Shell, Unwind};

pub const BUILTIN: Builtin = builtin!(
    "export",
    "export [-fn] [name[=value] ...] or export -p",
    "Set export attribute for shell variables.",
    true,
    All,
    run
);

async fn run(shell: &mut Shell, name: &str, args: &[String]) -> Eval {
    let known = if shell.is_bash() { "fnp" } else { "p" };
    let Some(options) = shell.options(name, args, known).await else { return Ok(2) };
    let letters = if options.has('n') { ("", "x") } else { ("x", "") };
    if options.operands.is_empty() {
        return shell.show_declared(name, 'x').await;
    }
    if options.has('f') {
        // Functions of the environment are not passed on by this shell; naming one is no error.
        return Ok(0);
    }
    let skipped = args.len() - options.operands.len();
    shell.declare_all(name, options.operands, skipped, Attributes { on: letters.0.into(), off: letters.1.into() }).await
}

impl Shell {
    /// What `export -p` and `readonly -p` show.
    pub(super) async fn show_declared(&mut self, name: &str, flag: char) -> Eval {
        let mut text = String::new();
        for (variable, var) in self.vars.iter().filter(|(_, var)| var.flags().contains(flag)) {
            if self.is_bash() {
                text.push_str(&format!("{}\n", super::declare::declaration_of(variable, var)));
                continue;
            }
            match var.scalar() {
                Some(value) => text.push_str(&format!("{name} {variable}={}\n", crate::text::single_quote(value))),
                None => text.push_str(&format!("{name} {variable}\n")),
            }
        }
        Ok(self.print_from(name, &text).await)
    }

    /// Declares each operand with the attributes.
    pub(super) async fn declare_all(
        &mut self,
        name: &str,
        operands: &[String],
        skipped: usize,
        attributes: Attributes,
    ) -> Eval {
        let mut status = 0;
        for (i, operand) in operands.iter().enumerate() {
            let elements = self.array_arguments.remove(&(skipped + i + 1));
            let Err(message) = super::declare::one(self, operand, elements, &attributes, false) else { continue };
            let variable = operand.split_once('=').map_or(operand.as_str(), |(variable, _)| variable);
            let message = match self.flavour {
                Flavour::Bash => message,
                _ if message.ends_with("readonly variable") => format!("{variable}: is read only"),
                _ => format!("{variable}: bad variable name"),
            };
            self.builtin_error(name, message).await;
            if !self.is_bash() && !self.interactive {
                return Err(Unwind::Exit(2));
            }
            status = 1;
        }
        Ok(status)
    }
}
