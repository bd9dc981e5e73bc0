//! `--scan`: all keys, one a line.

use super::{catch_interrupt, pause, scan_step, was_interrupted};
use crate::console::Run;
use crate::format::Output;
use crate::session::Session;
use crate::words;

/// Runs the mode.
pub async fn run(session: &mut Session) -> Run<()> {
    catch_interrupt(session);
    let mut cursor = 0;
    loop {
        let (keys, next) = scan_step(session, cursor).await?;
        for key in keys {
            let shown = if session.output == Output::Standard { words::quote(&key).into_bytes() } else { key };
            session.out.print(shown);
            session.out.print("\n");
        }
        let mut stop = was_interrupted(session);
        if session.options.interval > 0 {
            stop |= pause(session, session.options.interval).await;
        }
        if stop || next == 0 {
            return Ok(());
        }
        cursor = next;
    }
}
