//! `fc`

use super::{Builtin, builtin};
use crate::report::SourceName;
use crate::shell::{Eval, Shell};

pub const BUILTIN: Builtin = builtin!(
    "fc",
    "fc [-e ename] [-lnr] [first] [last] or fc -s [pat=rep] [command]",
    "Display or execute commands from the history list.",
    false,
    Bash,
    run
);

/// Commands that `fc -l` lists where it is not told how many.
const SHOWN: usize = 16;

async fn run(shell: &mut Shell, name: &str, args: &[String]) -> Eval {
    let Some(options) = shell.options(name, args, "lnrse:").await else { return Ok(2) };
    // The `fc` itself is the last line of the history.
    let mut lines: Vec<(usize, String)> = {
        let history = &shell.interact.history;
        history.lines().iter().enumerate().map(|(i, line)| (history.number(i), line.clone())).collect()
    };
    lines.pop();
    let find = |text: &str| match text.parse::<i64>() {
        Ok(number) if number < 0 => lines.len().checked_sub(number.unsigned_abs() as usize),
        Ok(number) => lines.iter().position(|(n, _)| *n == number as usize),
        Err(_) => lines.iter().rposition(|(_, line)| line.starts_with(text)),
    };
    if options.has('s') {
        let (change, target) = match options.operands {
            [first, rest @ ..] if first.contains('=') => (first.split_once('='), rest.first()),
            operands => (None, operands.first()),
        };
        let at = target.map_or(lines.len().checked_sub(1), |text| find(text));
        let Some((_, line)) = at.and_then(|at| lines.get(at)) else {
            shell.builtin_error(name, "no command found").await;
            return Ok(1);
        };
        let line = change.map_or_else(|| line.clone(), |(old, new)| line.replacen(old, new, 1));
        shell.error_text(&format!("{line}\n")).await;
        let size = shell.history_size();
        shell.interact.history.push(line.clone(), size);
        return shell.run_text(&line, &SourceName::Eval).await;
    }
    if !options.has('l') {
        shell.builtin_error(name, "drydock: editing commands in an editor is not emulated here").await;
        return Ok(1);
    }
    if lines.is_empty() {
        return Ok(0);
    }
    let last = options.operands.get(1).map_or(lines.len().checked_sub(1), |text| find(text));
    let first = options.operands.first().map_or(Some(lines.len().saturating_sub(SHOWN)), |text| find(text));
    let (Some(first), Some(last)) = (first, last) else {
        shell.builtin_error(name, "history specification out of range").await;
        return Ok(1);
    };
    let range = first.min(last)..(first.max(last) + 1).min(lines.len());
    let mut shown: Vec<String> = lines
        .get(range)
        .unwrap_or(&[])
        .iter()
        .map(|(number, line)| if options.has('n') { format!("\t {line}\n") } else { format!("{number}\t {line}\n") })
        .collect();
    if options.has('r') != (first > last) {
        shown.reverse();
    }
    Ok(shell.print_from(name, &shown.concat()).await)
}
