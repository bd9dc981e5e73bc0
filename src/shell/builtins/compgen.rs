//! `compgen`

use super::{Builtin, builtin};
use crate::shell::{Eval, Shell};

pub const BUILTIN: Builtin = builtin!(
    "compgen",
    "compgen [-abcdefgjksuv] [-o option] [-A action] [-G globpat] [-W wordlist] [-F function] [-C command] [-X filterpat] [-P prefix] [-S suffix] [word]",
    "Display possible completions depending on the options.",
    false,
    Bash,
    run
);

async fn run(shell: &mut Shell, name: &str, args: &[String]) -> Eval {
    let Some(options) = shell.options(name, args, "abcdefgjksuvo:A:G:W:F:C:X:P:S:").await else { return Ok(2) };
    let prefix = options.operands.first().map_or("", String::as_str).to_string();
    let mut letters: String = options.given.iter().map(|(c, _)| *c).filter(|c| "abcdefgjksuv".contains(*c)).collect();
    for action in options.given.iter().filter(|(c, _)| *c == 'A').filter_map(|(_, value)| *value) {
        letters.push(match action {
            "alias" => 'a',
            "builtin" => 'b',
            "command" => 'c',
            "directory" => 'd',
            "export" => 'e',
            "file" => 'f',
            "group" => 'g',
            "job" => 'j',
            "keyword" => 'k',
            "user" => 'u',
            "variable" => 'v',
            "function" => 'F',
            _ => {
                shell.builtin_error(name, format!("{action}: invalid action name")).await;
                return Ok(2);
            }
        });
    }
    let mut found = Vec::new();
    for letter in letters.chars() {
        found.extend(shell.complete_kind(letter, &prefix));
    }
    if let Some(words) = options.value('W') {
        let expanded = shell.expand_prompt_text(words).await;
        let ifs = shell.ifs();
        let words = expanded.split(|c| ifs.contains(c)).filter(|word| !word.is_empty());
        found.extend(words.filter(|word| word.starts_with(&prefix)).map(str::to_string));
    }
    let (before, after) = (options.value('P').unwrap_or(""), options.value('S').unwrap_or(""));
    let text: String = found.iter().map(|word| format!("{before}{word}{after}\n")).collect();
    let status = shell.print_from(name, &text).await;
    Ok(if found.is_empty() { 1 } else { status })
}
