//! `getopts`

use super::{Builtin, builtin};
use crate::shell::{Eval, Shell};
use crate::syntax::is_name;

pub const BUILTIN: Builtin =
    builtin!("getopts", "getopts optstring name [arg ...]", "Parse option arguments.", false, All, run);

async fn run(shell: &mut Shell, name: &str, args: &[String]) -> Eval {
    let args = if args.first().is_some_and(|arg| arg == "--") { args.get(1..).unwrap_or(&[]) } else { args };
    let [known, variable, operands @ ..] = args else {
        match shell.flavour {
            crate::Flavour::Bash => shell.usage(name).await,
            crate::Flavour::Dash => shell.builtin_error(name, "Usage: getopts optstring var [arg...]").await,
            crate::Flavour::Ash => shell.builtin_error(name, "usage: getopts optstring var [arg]").await,
        }
        return Ok(2);
    };
    if !is_name(variable) {
        shell.builtin_error(name, format!("`{variable}': not a valid identifier")).await;
        return Ok(1);
    }
    let words = if operands.is_empty() { shell.params.to_vec() } else { operands.to_vec() };
    let silent = known.starts_with(':');
    let mut index = shell.vars.text("OPTIND").and_then(|text| text.parse::<usize>().ok()).unwrap_or(1).max(1);
    let mut at = shell.getopts_at;
    let word = words.get(index - 1).cloned().unwrap_or_default();
    if at == 0 {
        if !word.starts_with('-') || word == "-" {
            return finish(shell, variable, index);
        }
        if word == "--" {
            return finish(shell, variable, index + 1);
        }
        at = 1;
    }
    let Some(letter) = word.chars().nth(at) else { return finish(shell, variable, index) };
    at += 1;
    if word.chars().nth(at).is_none() {
        index += 1;
        at = 0;
    }
    let step = option(known, letter, &words, index, at, silent);
    index = step.index;
    if let Some(message) = step.message
        && shell.vars.text("OPTERR") != Some("0")
    {
        let text = format!("{}: {message}\n", shell.arg0);
        shell.error_text(&text).await;
    }
    match step.value {
        Some(value) => shell.vars.put("OPTARG", value),
        None => drop(shell.vars.unset("OPTARG")),
    }
    shell.vars.put("OPTIND", index.to_string());
    shell.getopts_at = if step.took_rest { 0 } else { at };
    shell.vars.put(variable, step.result);
    Ok(0)
}

/// What one option gave.
struct Step {
    /// What the variable gets.
    result: String,
    /// `OPTARG`.
    value: Option<String>,
    /// A complaint.
    message: Option<String>,
    /// The next word.
    index: usize,
    /// The word was used up.
    took_rest: bool,
}

/// Looks an option up; `at` is where the word goes on behind it, 0 if it does not.
fn option(known: &str, letter: char, words: &[String], mut index: usize, at: usize, silent: bool) -> Step {
    let found = known.find(letter).filter(|_| letter != ':');
    let wants_value = found.is_some_and(|pos| known.get(pos + letter.len_utf8()..).is_some_and(|k| k.starts_with(':')));
    let mut result = letter.to_string();
    let mut value = None;
    let mut message = None;
    if found.is_none() {
        result = "?".into();
        if silent {
            value = Some(letter.to_string());
        } else {
            message = Some(format!("illegal option -- {letter}"));
        }
    } else if wants_value {
        if at > 0 {
            value = words.get(index - 1).map(|word| word.chars().skip(at).collect());
            index += 1;
        } else if let Some(next) = words.get(index - 1) {
            value = Some(next.clone());
            index += 1;
        } else if silent {
            result = ":".into();
            value = Some(letter.to_string());
        } else {
            result = "?".into();
            message = Some(format!("option requires an argument -- {letter}"));
        }
    }
    Step { result, value, message, index, took_rest: wants_value && found.is_some() }
}

fn finish(shell: &mut Shell, variable: &str, index: usize) -> Eval {
    shell.vars.put("OPTIND", index.to_string());
    shell.getopts_at = 0;
    shell.vars.put(variable, "?");
    Ok(1)
}
