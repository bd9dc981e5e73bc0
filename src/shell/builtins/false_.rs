//! `false`

use super::{Builtin, builtin};
use crate::shell::{Eval, Shell};

pub const BUILTIN: Builtin = builtin!("false", "false", "Return an unsuccessful result.", false, All, run);

async fn run(_: &mut Shell, _: &str, _: &[String]) -> Eval {
    Ok(1)
}
