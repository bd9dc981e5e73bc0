//! Programs that the engine has run: a Sentinel's scripts.

use super::events::ended;
use crate::server::Server;
use machine::sys::Spawn;
use machine::{Fd, Pid, Signal, Sys, WaitStatus};

/// The status of a program that could not be executed, as the original's child process has it.
const NOT_EXECUTED: u8 = 2;

/// Those that run.
#[derive(Default)]
pub struct Scripts {
    children: Vec<Pid>,
}

impl Scripts {
    /// Runs a program.
    pub fn run(&mut self, sys: &Sys, server: &mut Server, argv: Vec<String>) {
        let Some(path) = argv.first().cloned() else { return };
        let fds = (0..3).map(|n| (Fd(n), Fd(n))).collect();
        let spawn = Spawn { path, args: argv, env: None, cwd: None, fds, group: None, credentials: None };
        match sys.spawn(spawn) {
            Ok(pid) => {
                self.children.push(pid);
                server.script_started(Some(pid.0 as u32));
            }
            Err(_) => {
                // The number of a process that was there only for that moment.
                server.script_started(Some(u32::MAX));
                server.script_ended(u32::MAX, NOT_EXECUTED, 0);
            }
        }
    }

    /// Ends a program.
    pub fn kill(&self, sys: &Sys, pid: u32) {
        if let Some(child) = self.children.iter().find(|child| child.0 as u32 == pid) {
            let _ = sys.kill(*child, Some(Signal::KILL));
        }
    }

    /// Tells of those that have ended.
    pub fn collect(&mut self, sys: &Sys, server: &mut Server) {
        self.children.retain(|pid| match ended(sys, *pid) {
            Ok(None) => true,
            Ok(Some((_, status))) => {
                let (code, signal) = match status {
                    WaitStatus::Exited(code) => (code, 0),
                    WaitStatus::Signaled(signal) => (0, signal.number()),
                    _ => return true,
                };
                server.script_ended(pid.0 as u32, code, signal);
                false
            }
            Err(_) => false,
        });
    }
}
