//! `true` and `false`.

use crate::context::Context;
use machine::ExitCode;

/// `true`.
pub async fn yes(_: &mut Context) -> ExitCode {
    ExitCode::SUCCESS
}

/// `false`.
pub async fn no(_: &mut Context) -> ExitCode {
    ExitCode::FAILURE
}
