//! `exit`

use super::{Builtin, builtin};
use crate::Flavour;
use crate::shell::{Eval, Shell, Unwind};

pub const BUILTIN: Builtin = builtin!("exit", "exit [n]", "Exit the shell.", true, All, run);

pub async fn run(shell: &mut Shell, name: &str, args: &[String]) -> Eval {
    if shell.interactive && shell.subshell == 0 {
        if shell.is_bash() {
            shell.error_text(if shell.login { "logout\n" } else { "exit\n" }).await;
        }
        if shell.jobs.list.iter().any(|job| job.is_stopped()) && !shell.interact.warned_of_jobs {
            shell.error_text("There are stopped jobs.\n").await;
            shell.interact.warned_of_jobs = true;
            return Ok(1);
        }
    }
    let status = match args.first() {
        None => shell.status,
        Some(text) => match text.trim().parse::<i64>() {
            Ok(number) => (number & 255) as i32,
            Err(_) => {
                let message = match shell.flavour {
                    Flavour::Bash => format!("{text}: numeric argument required"),
                    _ => format!("Illegal number: {text}"),
                };
                shell.builtin_error(name, message).await;
                return Err(Unwind::Exit(2));
            }
        },
    };
    if args.len() > 1 && shell.is_bash() {
        shell.builtin_error(name, "too many arguments").await;
        return Err(Unwind::Discard(1));
    }
    Err(Unwind::Exit(status))
}
