//! `complete`

use std::rc::Rc;

use super::{Builtin, builtin};
use crate::interactive::CompletionSpec;
use crate::shell::{Eval, Shell};
use crate::text::single_quote;

pub const BUILTIN: Builtin = builtin!(
    "complete",
    "complete [-abcdefgjksuv] [-pr] [-DEI] [-o option] [-A action] [-G globpat] [-W wordlist] [-F function] [-C command] [-X filterpat] [-P prefix] [-S suffix] [name ...]",
    "Specify how arguments are to be completed by Readline.",
    false,
    Bash,
    run
);

async fn run(shell: &mut Shell, name: &str, args: &[String]) -> Eval {
    let Some(options) = shell.options(name, args, "abcdefgjksuvprDEIo:A:G:W:F:C:X:P:S:").await else { return Ok(2) };
    if options.has('r') {
        if options.operands.is_empty() {
            shell.completions = Rc::default();
        }
        for operand in options.operands {
            Rc::make_mut(&mut shell.completions).remove(operand);
        }
        return Ok(0);
    }
    if options.has('p') || options.operands.is_empty() {
        let mut text = String::new();
        let mut status = 0;
        if options.operands.is_empty() {
            text.extend(shell.completions.iter().map(|(command, spec)| line(command, spec)));
        }
        for operand in options.operands {
            match shell.completions.get(operand) {
                Some(spec) => text.push_str(&line(operand, spec)),
                None => {
                    shell.builtin_error(name, format!("{operand}: no completion specification")).await;
                    status = 1;
                }
            }
        }
        return Ok(status | shell.print_from(name, &text).await);
    }
    let spec = CompletionSpec {
        words: options.value('W').map(str::to_string),
        function: options.value('F').map(str::to_string),
        actions: options.given.iter().map(|(c, _)| *c).filter(|c| "abcdefgjksuv".contains(*c)).collect(),
        options: options.given.iter().filter(|(c, _)| *c == 'o').filter_map(|(_, v)| v.map(str::to_string)).collect(),
    };
    for operand in options.operands {
        Rc::make_mut(&mut shell.completions).insert(operand.clone(), spec.clone());
    }
    Ok(0)
}

fn line(command: &str, spec: &CompletionSpec) -> String {
    let mut out = "complete".to_string();
    for option in &spec.options {
        out.push_str(&format!(" -o {option}"));
    }
    for action in spec.actions.chars() {
        out.push_str(&format!(" -{action}"));
    }
    if let Some(words) = &spec.words {
        out.push_str(&format!(" -W {}", single_quote(words)));
    }
    if let Some(function) = &spec.function {
        out.push_str(&format!(" -F {function}"));
    }
    format!("{out} {command}\n")
}
