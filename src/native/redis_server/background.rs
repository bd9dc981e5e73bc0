//! `daemonize yes` on a real system: the server goes on in a process of its own.
//!
//! A process can't fork here (that is not safe code): the same command is started once more, told
//! by its environment that it is the one in the background.

use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Stdio};

/// Set for the process in the background.
const MARK: &str = "DRYDOCK_IN_BACKGROUND";

/// Whether this process is the one in the background; it leaves the terminal's session then.
pub fn is_detached() -> bool {
    let detached = std::env::var_os(MARK).is_some();
    if detached {
        // Fails only for the leader of a session, which has left already.
        let _ = rustix::process::setsid();
    }
    detached
}

/// Starts this command in the background, in the directory where this one began and with what
/// this one read from standard input.
pub fn go_on_there(dir: &Path, stdin: &[u8]) -> io::Result<()> {
    let mut args = std::env::args_os();
    let _program = args.next();
    let mut child = Command::new(std::env::current_exe()?)
        .args(args)
        .current_dir(dir)
        .env(MARK, "1")
        .stdin(if stdin.is_empty() { Stdio::null() } else { Stdio::piped() })
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    match child.stdin.take() {
        Some(mut pipe) => pipe.write_all(stdin),
        None => Ok(()),
    }
}
