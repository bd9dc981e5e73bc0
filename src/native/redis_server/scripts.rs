//! Programs that the engine has run: a Sentinel's scripts.

use redis::server::Server;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Stdio};

/// The status of a program that could not be executed, as the original's child process has it.
const NOT_EXECUTED: u8 = 2;

/// Those that run.
#[derive(Default)]
pub struct Scripts {
    children: Vec<Child>,
}

impl Scripts {
    /// Runs a program.
    pub fn run(&mut self, server: &mut Server, argv: &[String]) {
        let Some((path, args)) = argv.split_first() else { return };
        match Command::new(path).args(args).stdin(Stdio::null()).spawn() {
            Ok(child) => {
                server.script_started(Some(child.id()));
                self.children.push(child);
            }
            Err(_) => {
                // The number of a process that was there only for that moment.
                server.script_started(Some(u32::MAX));
                server.script_ended(u32::MAX, NOT_EXECUTED, 0);
            }
        }
    }

    /// Ends a program.
    pub fn kill(&mut self, pid: u32) {
        if let Some(child) = self.children.iter_mut().find(|child| child.id() == pid) {
            let _ = child.kill();
        }
    }

    /// Tells of those that have ended.
    pub fn collect(&mut self, server: &mut Server) {
        self.children.retain_mut(|child| match child.try_wait() {
            Ok(None) => true,
            Ok(Some(status)) => {
                let code = status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or_default();
                let signal = status.signal().and_then(|signal| u8::try_from(signal).ok()).unwrap_or_default();
                server.script_ended(child.id(), code, signal);
                false
            }
            Err(_) => false,
        });
    }
}
