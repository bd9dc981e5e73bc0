//! `continue`

use super::{Builtin, builtin};
use crate::shell::{Eval, Shell, Unwind};

pub const BUILTIN: Builtin = builtin!("continue", "continue [n]", "Resume for, while, or until loops.", true, All, run);

async fn run(shell: &mut Shell, name: &str, args: &[String]) -> Eval {
    match shell.loop_count(name, args).await? {
        Some(count) => Err(Unwind::Continue(count)),
        None => Ok(0),
    }
}
