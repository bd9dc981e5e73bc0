//! `logout`

use super::{Builtin, builtin};
use crate::shell::{Eval, Shell};

pub const BUILTIN: Builtin = builtin!("logout", "logout [n]", "Exit a login shell.", false, Bash, run);

async fn run(shell: &mut Shell, name: &str, args: &[String]) -> Eval {
    if !shell.login {
        shell.builtin_error(name, "not login shell: use `exit'").await;
        return Ok(1);
    }
    super::exit::run(shell, name, args).await
}
