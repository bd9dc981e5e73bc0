//! `clear`: an empty screen.

use machine::ExitCode;

use crate::context::Context;
use crate::options::Spec;

const SPEC: Spec = Spec { short: "T:Vx", long: &[], posix: false };

const USAGE: &str = "\
Usage: clear [options]

Options:
  -T TERM     use this instead of $TERM
  -V          print curses-version
  -x          do not try to clear scrollback
";

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    let parsed = match cx.options(&SPEC, USAGE).await {
        Ok(parsed) => parsed,
        Err(status) => return status,
    };
    // Home, erase below; and what xterm keeps above the screen (E3).
    cx.put(b"\x1b[H\x1b[2J").await;
    if !parsed.has('x') {
        cx.put(b"\x1b[3J").await;
    }
    cx.status()
}
