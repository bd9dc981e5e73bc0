//! `umask`

use super::{Builtin, builtin};
use crate::Flavour;
use crate::shell::{Eval, Shell};

pub const BUILTIN: Builtin =
    builtin!("umask", "umask [-p] [-S] [mode]", "Display or set file mode mask.", false, All, run);

async fn run(shell: &mut Shell, name: &str, args: &[String]) -> Eval {
    let Some(options) = shell.options(name, args, "pS").await else { return Ok(2) };
    let current = shell.sys.umask(0);
    shell.sys.umask(current);
    let Some(mode) = options.operands.first() else {
        let mut text = if options.has('S') { symbolic(current) } else { format!("{current:04o}") };
        if options.has('p') {
            text = format!("umask {}{text}", if options.has('S') { "-S " } else { "" });
        }
        return Ok(shell.print_from(name, &format!("{text}\n")).await);
    };
    let mask = if mode.starts_with(|c: char| c.is_ascii_digit()) {
        u32::from_str_radix(mode, 8).ok().filter(|mask| *mask <= 0o777)
    } else {
        parse_symbolic(mode, current)
    };
    match mask {
        Some(mask) => {
            shell.sys.umask(mask);
            if options.has('S') {
                return Ok(shell.print_from(name, &format!("{}\n", symbolic(mask))).await);
            }
            Ok(0)
        }
        None => {
            let message = match shell.flavour {
                Flavour::Bash if mode.starts_with(|c: char| c.is_ascii_digit()) => {
                    format!("{mode}: octal number out of range")
                }
                Flavour::Bash => {
                    let bad = mode.chars().find(|c| !"ugoa".contains(*c)).unwrap_or('?');
                    format!("`{bad}': invalid symbolic mode operator")
                }
                Flavour::Dash => format!("Illegal number: {mode}"),
                Flavour::Ash => format!("illegal mode: {mode}"),
            };
            shell.builtin_error(name, message).await;
            Ok(1)
        }
    }
}

fn symbolic(mask: u32) -> String {
    let class = |shift: u32| {
        let allowed = !(mask >> shift) & 7;
        [(4, 'r'), (2, 'w'), (1, 'x')].iter().filter(|(bit, _)| allowed & bit != 0).map(|(_, c)| c).collect::<String>()
    };
    format!("u={},g={},o={}", class(6), class(3), class(0))
}

fn parse_symbolic(text: &str, current: u32) -> Option<u32> {
    let mut allowed = !current & 0o777;
    for clause in text.split(',') {
        let at = clause.find(['=', '+', '-'])?;
        let (who, rest) = clause.split_at(at);
        let mut chars = rest.chars();
        let operator = chars.next()?;
        let bits = chars.try_fold(0, |bits, c| match c {
            'r' => Some(bits | 4),
            'w' => Some(bits | 2),
            'x' => Some(bits | 1),
            _ => None,
        })?;
        let who = if who.is_empty() { "a" } else { who };
        for class in who.chars() {
            let shifts: &[u32] = match class {
                'u' => &[6],
                'g' => &[3],
                'o' => &[0],
                'a' => &[6, 3, 0],
                _ => return None,
            };
            for shift in shifts {
                match operator {
                    '=' => allowed = allowed & !(7 << shift) | bits << shift,
                    '+' => allowed |= bits << shift,
                    _ => allowed &= !(bits << shift),
                }
            }
        }
    }
    Some(!allowed & 0o777)
}
