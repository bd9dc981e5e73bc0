//! `echo`

use super::{Builtin, builtin};
use crate::Flavour;
use crate::shell::{Eval, Shell};
use crate::text::{Escapes, unescape};

pub const BUILTIN: Builtin =
    builtin!("echo", "echo [-neE] [arg ...]", "Write arguments to the standard output.", false, All, run);

async fn run(shell: &mut Shell, name: &str, args: &[String]) -> Eval {
    // dash's echo knows -n only and always reads escapes.
    let known = if shell.flavour == Flavour::Dash { "n" } else { "neE" };
    let mut newline = true;
    let mut escapes = shell.flavour == Flavour::Dash || shell.settings.shopt("xpg_echo");
    let mut rest = args;
    while let Some((first, tail)) = rest.split_first() {
        let Some(letters) = first.strip_prefix('-').filter(|l| !l.is_empty() && l.chars().all(|c| known.contains(c)))
        else {
            break;
        };
        for letter in letters.chars() {
            match letter {
                'n' => newline = false,
                'e' => escapes = true,
                _ => escapes = false,
            }
        }
        rest = tail;
        if shell.flavour == Flavour::Dash {
            break;
        }
    }
    let mut text = rest.join(" ");
    if escapes {
        let (plain, stopped) = unescape(&text, Escapes::Echo);
        text = plain;
        newline &= !stopped;
    }
    if newline {
        text.push('\n');
    }
    Ok(shell.print_from(name, &text).await)
}
