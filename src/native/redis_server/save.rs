//! A snapshot that is written while the server serves: a slice of it after each event, where Redis
//! has a child process write it.

use super::host::words;
use redis::launch;
use redis::server::Server;
use redis::server::host::Level;
use std::fs::File;
use std::io::{self, Write};

/// Bytes written at once.
const SLICE: usize = 1 << 20;

/// A snapshot being written.
pub struct Save {
    /// `None` where replicas get the snapshot and nothing is written.
    path: Option<String>,
    temporary: String,
    file: io::Result<Option<File>>,
    data: Vec<u8>,
    at: usize,
    keys: usize,
    /// It is not done before, by the monotonic clock in microseconds.
    until: i64,
}

impl Save {
    /// Begins.
    pub fn start(path: Option<String>, data: Vec<u8>, keys: usize, until: i64) -> Save {
        let temporary = format!("temp-{}.rdb", std::process::id());
        let file = path.as_ref().map(|_| File::create(&temporary)).transpose();
        Save { path, temporary, file, data, at: 0, keys, until }
    }

    /// When it wants to go on, by the monotonic clock in microseconds.
    pub fn due(&self) -> i64 {
        if self.at < self.data.len() { 0 } else { self.until }
    }

    /// Ends it as SIGUSR1 ends a child process.
    pub fn kill(self, server: &mut Server) {
        let _ = std::fs::remove_file(&self.temporary);
        server.child_killed(signal_hook::consts::SIGUSR1 as u8);
    }

    /// Writes a slice. Whether that was the last one.
    pub fn step(&mut self, server: &mut Server) -> bool {
        if server.host.mono_us() < self.due() {
            return false;
        }
        match self.write(server.host.mono_us()) {
            Ok(false) => false,
            Ok(true) => {
                let text = format!(
                    "BGSAVE done, {} keys saved, 0 keys skipped, {} bytes written.",
                    self.keys,
                    self.data.len()
                );
                say(server, Level::Notice, &text);
                if self.path.is_some() {
                    say(server, Level::Notice, "DB saved on disk");
                }
                say(server, Level::Notice, "Fork CoW for RDB: current 0 MB, peak 0 MB, average 0 MB");
                server.child_done(true);
                true
            }
            Err(error) => {
                let dir = server.host.current_dir();
                let text = format!(
                    "Failed opening the temp RDB file {} (in server root dir {dir}) for saving: {}",
                    self.temporary,
                    words(&error)
                );
                say(server, Level::Warning, &text);
                let _ = std::fs::remove_file(&self.temporary);
                server.child_done(false);
                true
            }
        }
    }

    fn write(&mut self, now: i64) -> io::Result<bool> {
        let file = match &mut self.file {
            Ok(file) => file,
            Err(error) => return Err(io::Error::new(error.kind(), words(error))),
        };
        let end = self.data.len().min(self.at + SLICE);
        if let Some(file) = file {
            file.write_all(self.data.get(self.at..end).unwrap_or_default())?;
        }
        self.at = end;
        if end < self.data.len() || now < self.until {
            return Ok(false);
        }
        if let Some(path) = &self.path {
            std::fs::rename(&self.temporary, path)?;
        }
        Ok(true)
    }
}

fn say(server: &mut Server, level: Level, text: &str) {
    let line = launch::line(server.host.pid(), 'C', server.host.wall_us(), level, text);
    server.host.log_raw(&line);
}
