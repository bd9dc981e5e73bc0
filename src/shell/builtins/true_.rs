//! `true`

use super::{Builtin, builtin};
use crate::shell::{Eval, Shell};

pub const BUILTIN: Builtin = builtin!("true", "true", "Return a successful result.", false, All, run);

async fn run(_: &mut Shell, _: &str, _: &[String]) -> Eval {
    Ok(0)
}
