//! `history`

use super::{Builtin, builtin};
use crate::shell::{Eval, Shell};

pub const BUILTIN: Builtin = builtin!(
    "history",
    "history [-c] [-d offset] [n] or history -anrw [filename] or history -ps arg [arg...]",
    "Display or manipulate the history list.",
    false,
    NotDash,
    run
);

async fn run(shell: &mut Shell, name: &str, args: &[String]) -> Eval {
    let Some(options) = shell.options(name, args, "cd:anrwps").await else { return Ok(2) };
    if options.has('c') {
        shell.interact.history.clear();
        return Ok(0);
    }
    if let Some(offset) = options.value('d') {
        let number = offset.parse::<i64>().ok();
        let index = number.and_then(|n| match n < 0 {
            true => shell.interact.history.len().checked_sub(n.unsigned_abs() as usize),
            false => shell.interact.history.index_of(n as usize),
        });
        let Some(index) = index else {
            shell.builtin_error(name, format!("{offset}: history position out of range")).await;
            return Ok(1);
        };
        shell.interact.history.remove(index);
        return Ok(0);
    }
    if options.has('s') {
        let size = shell.history_size();
        shell.interact.history.push(options.operands.join(" "), size);
        return Ok(0);
    }
    if options.has('p') {
        let text: String = options.operands.iter().map(|line| format!("{line}\n")).collect();
        return Ok(shell.print_from(name, &text).await);
    }
    if options.has('w') || options.has('a') {
        shell.save_history().await;
        return Ok(0);
    }
    if options.has('r') || options.has('n') {
        shell.load_history();
        return Ok(0);
    }
    let history = &shell.interact.history;
    let count = match options.operands.first() {
        None => history.len(),
        Some(text) => match text.parse::<usize>() {
            Ok(count) => count.min(history.len()),
            Err(_) => {
                shell.builtin_error(name, format!("{text}: numeric argument required")).await;
                return Ok(1);
            }
        },
    };
    let from = history.len() - count;
    let line = |(index, line): (usize, &String)| format!("{:>5}  {line}\n", history.number(index));
    let text: String = history.lines().iter().enumerate().skip(from).map(line).collect();
    Ok(shell.print_from(name, &text).await)
}
