//! `command`

use std::rc::Rc;

use super::{Builtin, builtin};
use crate::eval::path::DEFAULT_PATH;
use crate::shell::{Eval, Shell};
use crate::syntax::ast::{Command, Simple};
use crate::syntax::is_reserved;

pub const BUILTIN: Builtin = builtin!(
    "command",
    "command [-pVv] command [arg ...]",
    "Execute a simple command or display information about commands.",
    false,
    All,
    run
);

async fn run(shell: &mut Shell, name: &str, args: &[String]) -> Eval {
    let Some(options) = shell.options(name, args, "pvV").await else { return Ok(2) };
    if options.has('v') || options.has('V') {
        return describe(shell, name, options.operands, options.has('V')).await;
    }
    let Some(target) = options.operands.first() else { return Ok(0) };
    if let Some(builtin) = shell.builtin(target) {
        return shell.call_builtin(builtin, options.operands).await;
    }
    let path = shell.vars.text("PATH").map(str::to_string);
    if options.has('p') {
        shell.vars.put("PATH", DEFAULT_PATH);
    }
    let status = shell.run_plain_program(options.operands.to_vec()).await;
    if options.has('p')
        && let Some(path) = path
    {
        shell.vars.put("PATH", path);
    }
    status
}

async fn describe(shell: &mut Shell, name: &str, operands: &[String], long: bool) -> Eval {
    let mut status = 1;
    // The POSIX shells look at the first name only.
    let operands = if shell.is_bash() { operands } else { operands.get(..1).unwrap_or(operands) };
    for operand in operands {
        if long {
            if super::type_::tell(shell, name, operand).await {
                status = 0;
            }
            continue;
        }
        let text = if is_reserved(operand) || shell.functions.contains_key(operand) || shell.builtin(operand).is_some()
        {
            operand.clone()
        } else if let Some(value) = shell.aliases.get(operand) {
            format!("alias {operand}={}", crate::text::single_quote(value))
        } else if let Some(path) = shell.find_all(operand).into_iter().next() {
            path
        } else {
            if !shell.is_bash() {
                status = 127;
            }
            continue;
        };
        status = shell.print_from(name, &format!("{text}\n")).await;
    }
    Ok(status)
}

impl Shell {
    /// Runs a program as a child, no functions or builtins looked at.
    pub(super) async fn run_plain_program(&mut self, arguments: Vec<String>) -> Eval {
        let monitor = self.job_control();
        let text = arguments.join(" ");
        let simple = Rc::new(Command::Simple(Simple { line: self.line, ..Simple::default() }));
        let prepared = Rc::new(crate::eval::Prepared { arguments, simple, assigns: Vec::new() });
        let placement = crate::eval::Placement {
            group: monitor.then_some(machine::Pid(0)),
            foreground: monitor,
            ..Default::default()
        };
        let Some(pid) = self.fork_placed(placement, crate::eval::Work::Program(prepared)).await else { return Ok(254) };
        let id = self.jobs.add(monitor.then_some(pid), &[pid], text, false, self.cwd.clone());
        self.wait_job(id).await
    }
}
