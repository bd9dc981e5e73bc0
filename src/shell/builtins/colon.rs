//! `:`

use super::{Builtin, builtin};
use crate::shell::{Eval, Shell};

pub const BUILTIN: Builtin = builtin!(":", ":", "Null command.", true, All, run);

async fn run(_: &mut Shell, _: &str, _: &[String]) -> Eval {
    Ok(0)
}
