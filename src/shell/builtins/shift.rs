//! `shift`

use std::rc::Rc;

use super::{Builtin, builtin};
use crate::Flavour;
use crate::shell::{Eval, Shell, Unwind};

pub const BUILTIN: Builtin = builtin!("shift", "shift [n]", "Shift positional parameters.", true, All, run);

async fn run(shell: &mut Shell, name: &str, args: &[String]) -> Eval {
    let count = match args.first() {
        None => 1,
        Some(text) => match text.parse::<i64>() {
            Ok(count) => count,
            Err(_) => {
                shell.builtin_error(name, format!("{text}: numeric argument required")).await;
                return Ok(1);
            }
        },
    };
    let Ok(count) = usize::try_from(count) else {
        shell.builtin_error(name, format!("{count}: shift count out of range")).await;
        return Ok(1);
    };
    if count > shell.params.len() {
        match shell.flavour {
            Flavour::Dash => {
                shell.builtin_error(name, "can't shift that many").await;
                return if shell.interactive { Ok(2) } else { Err(Unwind::Exit(2)) };
            }
            _ if shell.settings.shopt("shift_verbose") => {
                shell.builtin_error(name, format!("{count}: shift count out of range")).await;
            }
            _ => {}
        }
        return Ok(1);
    }
    Rc::make_mut(&mut shell.params).drain(..count);
    Ok(0)
}
