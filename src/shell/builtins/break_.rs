//! `break`

use super::{Builtin, builtin};
use crate::shell::{Eval, Shell, Unwind};

pub const BUILTIN: Builtin = builtin!("break", "break [n]", "Exit for, while, or until loops.", true, All, run);

async fn run(shell: &mut Shell, name: &str, args: &[String]) -> Eval {
    match shell.loop_count(name, args).await? {
        Some(count) => Err(Unwind::Break(count)),
        None => Ok(0),
    }
}

impl Shell {
    /// How many loops `break` and `continue` are about; none outside loops.
    pub(super) async fn loop_count(&mut self, name: &str, args: &[String]) -> Eval<Option<u32>> {
        if self.loops == 0 {
            if self.is_bash() {
                self.builtin_error(name, "only meaningful in a `for', `while', or `until' loop").await;
            }
            return Ok(None);
        }
        let Some(text) = args.first() else { return Ok(Some(1)) };
        match text.parse::<i64>() {
            Ok(count) if count > 0 => Ok(Some(u32::try_from(count).unwrap_or(u32::MAX).min(self.loops))),
            Ok(_) => {
                self.builtin_error(name, format!("{text}: loop count out of range")).await;
                Ok(Some(self.loops))
            }
            Err(_) => {
                self.builtin_error(name, format!("{text}: numeric argument required")).await;
                Err(Unwind::Exit(128))
            }
        }
    }
}
