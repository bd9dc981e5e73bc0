//! What Redis has a child process write: here a slice of it is written after each event, while the server serves.

use super::host::words;
use redis::launch;
use redis::persistence::child::{Failure, Plan, Total, failure_line, success_lines};
use redis::server::Server;
use redis::server::host::Level;
use std::fs::File;
use std::io::Write;

/// A child's work in progress.
pub struct Save {
    plan: Plan,
    /// Its file; `None` where replicas get what it makes.
    temporary: Option<String>,
    file: Option<Result<File, Failure>>,
    total: Option<Total>,
    /// It is not done before, by the monotonic clock in microseconds.
    until: i64,
}

impl Save {
    /// Begins.
    pub fn start(plan: Plan, server: &mut Server) -> Save {
        let pid = std::process::id();
        server.child_started(pid);
        let temporary = plan.purpose.file(pid);
        let file = temporary.as_ref().map(|path| File::create(path).map_err(|e| Failure::Open(words(&e))));
        let until = server.host.mono_us().saturating_add(plan.delay.max(0));
        Save { plan, temporary, file, total: None, until }
    }

    /// When it wants to go on, by the monotonic clock in microseconds.
    pub fn due(&self) -> i64 {
        if self.total.is_none() { 0 } else { self.until }
    }

    /// Ends it as SIGUSR1 ends a child process.
    pub fn kill(self, server: &mut Server) {
        self.remove();
        server.child_killed(signal_hook::consts::SIGUSR1 as u8);
    }

    fn remove(&self) {
        if let Some(path) = &self.temporary {
            let _ = std::fs::remove_file(path);
        }
    }

    /// Writes a slice. Whether that was the last one.
    pub fn step(&mut self, server: &mut Server) -> bool {
        if server.host.mono_us() < self.due() {
            return false;
        }
        let pid = std::process::id();
        match self.write(server) {
            Ok(None) => false,
            Ok(Some(total)) => {
                say(server, &success_lines(self.plan.purpose, pid, total));
                server.child_done(true);
                true
            }
            Err(failure) => {
                let dir = server.host.current_dir();
                say(server, &[failure_line(&self.plan, pid, &dir, &failure)]);
                self.remove();
                server.child_done(false);
                true
            }
        }
    }

    fn write(&mut self, server: &mut Server) -> Result<Option<Total>, Failure> {
        let file = match &mut self.file {
            Some(Err(failure)) => return Err(failure.clone()),
            Some(Ok(file)) => Some(file),
            None => None,
        };
        if self.total.is_none() {
            let slice = server.child_slice();
            if let Some(file) = file {
                file.write_all(&slice.data).map_err(|e| Failure::Write(words(&e)))?;
            }
            self.total = slice.last;
        }
        let Some(total) = self.total.filter(|_| server.host.mono_us() >= self.until) else { return Ok(None) };
        if let (Some(temporary), Some(path)) = (&self.temporary, &self.plan.path) {
            std::fs::rename(temporary, path).map_err(|e| Failure::Move(words(&e)))?;
        }
        Ok(Some(total))
    }
}

fn say(server: &mut Server, lines: &[(Level, String)]) {
    for (level, text) in lines {
        let line = launch::line(server.host.pid(), 'C', server.host.wall_us(), *level, text);
        server.host.log_raw(&line);
    }
}
