//! The cluster manager.

use crate::console::Run;
use crate::session::Session;

/// Runs it.
pub async fn run(session: &mut Session) -> Run<()> {
    session.out.fail("not yet").await
}
