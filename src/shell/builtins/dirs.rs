//! `dirs`

use super::{Builtin, builtin};
use crate::shell::{Eval, Shell};

pub const BUILTIN: Builtin = builtin!("dirs", "dirs [-clpv] [+N] [-N]", "Display directory stack.", false, Bash, run);

async fn run(shell: &mut Shell, name: &str, args: &[String]) -> Eval {
    let (mut long, mut lines, mut numbered) = (false, false, false);
    let mut only = None;
    for arg in args {
        match arg.as_str() {
            "-c" => {
                shell.dirs.clear();
                return Ok(0);
            }
            "-l" => long = true,
            "-p" => lines = true,
            "-v" => (lines, numbered) = (true, true),
            "--" => {}
            _ => match shell.stack_index(arg) {
                Some(at) => only = Some(at),
                None if arg.starts_with(['+', '-']) && arg.get(1..).is_some_and(|n| n.parse::<u32>().is_ok()) => {
                    shell
                        .builtin_error(
                            name,
                            format!("{}: directory stack index out of range", arg.get(1..).unwrap_or("")),
                        )
                        .await;
                    return Ok(1);
                }
                None => return Ok(shell.bad_option(name, arg).await),
            },
        }
    }
    let stack: Vec<String> =
        shell.stack().into_iter().map(|dir| if long { dir } else { shell.short_path(&dir) }).collect();
    let text = match only {
        Some(at) => format!("{}\n", stack.get(at).cloned().unwrap_or_default()),
        None if numbered => stack.iter().enumerate().map(|(i, dir)| format!("{i:>2}  {dir}\n")).collect(),
        None if lines => stack.iter().map(|dir| format!("{dir}\n")).collect(),
        None => format!("{}\n", stack.join(" ")),
    };
    Ok(shell.print_from(name, &text).await)
}

impl Shell {
    /// The directory stack, the working directory first.
    pub(super) fn stack(&self) -> Vec<String> {
        std::iter::once(self.cwd.clone()).chain(self.dirs.iter().rev().cloned()).collect()
    }

    /// Makes this the directory stack, its first the working directory.
    pub(super) fn set_stack(&mut self, stack: &[String]) {
        self.dirs = stack.iter().skip(1).rev().cloned().collect();
    }

    /// What `+2` and `-0` mean in the stack.
    pub(super) fn stack_index(&self, text: &str) -> Option<usize> {
        let count = self.dirs.len() + 1;
        let number = text.get(1..)?.parse::<usize>().ok()?;
        match text.as_bytes().first()? {
            b'+' if number < count => Some(number),
            b'-' if number < count => Some(count - 1 - number),
            _ => None,
        }
    }

    /// A path with the home directory as `~`.
    pub fn short_path(&self, path: &str) -> String {
        let home = self.vars.text("HOME").unwrap_or("");
        match path.strip_prefix(home) {
            Some(rest) if home.len() > 1 && (rest.is_empty() || rest.starts_with('/')) => format!("~{rest}"),
            _ => path.to_string(),
        }
    }
}
