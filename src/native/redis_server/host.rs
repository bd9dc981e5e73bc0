//! The real system as the engine's world.

#![allow(clippy::disallowed_types, clippy::disallowed_methods)] // here the engine meets real time

use redis::launch;
use redis::server::Host;
use redis::server::host::{FileResult, Found, Level, System};
use std::cell::RefCell;
use std::fs;
use std::io::{self, ErrorKind, Write};
use std::rc::Rc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Lines of the log that are not written yet.
pub type LogBuffer = Rc<RefCell<Vec<u8>>>;

/// The world of a server on a real system.
pub struct NativeHost {
    start: Instant,
    log: LogBuffer,
    /// Asked for once: nothing of it changes.
    system: System,
}

/// An error's text as `strerror` has it.
pub fn words(error: &io::Error) -> String {
    let text = error.to_string();
    match text.rfind(" (os error ") {
        Some(end) => text[..end].to_owned(),
        None => text,
    }
}

/// What the system says of itself.
fn system() -> System {
    let name = rustix::system::uname();
    let word = |text: &std::ffi::CStr| text.to_string_lossy().into_owned();
    let os = format!("{} {} {}", word(name.sysname()), word(name.release()), word(name.machine()));
    let executable = std::env::current_exe().map_or_else(|_| String::new(), |p| p.to_string_lossy().into_owned());
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let kilobytes = memory
        .lines()
        .find_map(|l| l.strip_prefix("MemTotal:")?.trim().strip_suffix("kB")?.trim().parse::<u64>().ok())
        .unwrap_or(0);
    System { os, executable, memory: kilobytes * 1024 }
}

/// Writes the waiting lines of the log.
pub fn flush_log(log: &LogBuffer, logfile: &str) {
    let data = std::mem::take(&mut *log.borrow_mut());
    if data.is_empty() {
        return;
    }
    // A log that can't be written is no reason to stop serving.
    let _ = if logfile.is_empty() {
        let mut out = io::stdout().lock();
        out.write_all(&data).and_then(|()| out.flush())
    } else {
        append(logfile, &data)
    };
}

fn append(path: &str, data: &[u8]) -> io::Result<()> {
    fs::OpenOptions::new().append(true).create(true).open(path)?.write_all(data)
}

impl NativeHost {
    /// The world, its monotonic clock beginning now.
    pub fn new(log: LogBuffer) -> NativeHost {
        NativeHost { start: Instant::now(), log, system: system() }
    }
}

impl Host for NativeHost {
    fn wall_us(&self) -> i64 {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_micros() as i64)
    }

    fn mono_us(&self) -> i64 {
        self.start.elapsed().as_micros() as i64
    }

    fn random(&mut self, bytes: &mut [u8]) {
        let mut filled = 0;
        while filled < bytes.len() {
            match rustix::rand::getrandom(&mut bytes[filled..], rustix::rand::GetRandomFlags::empty()) {
                Ok(n) => filled += n,
                Err(rustix::io::Errno::INTR) => {}
                Err(_) => return,
            }
        }
    }

    fn read_file(&mut self, path: &str) -> FileResult<Option<Vec<u8>>> {
        match fs::read(path) {
            Ok(data) => Ok(Some(data)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(words(&error)),
        }
    }

    fn write_file(&mut self, path: &str, data: &[u8]) -> FileResult<()> {
        self.replace_file(path, data).map_err(|(_, reason)| reason)
    }

    fn replace_file(&mut self, path: &str, data: &[u8]) -> Result<(), (&'static str, String)> {
        let temporary = format!("{path}.tmp-{}", self.pid());
        fs::write(&temporary, data).map_err(|e| ("create", words(&e)))?;
        fs::rename(&temporary, path).map_err(|e| {
            let _ = fs::remove_file(&temporary);
            ("rename", words(&e))
        })
    }

    fn append_file(&mut self, path: &str, data: &[u8]) -> FileResult<()> {
        append(path, data).map_err(|e| words(&e))
    }

    fn rename_file(&mut self, from: &str, to: &str) -> FileResult<()> {
        fs::rename(from, to).map_err(|e| words(&e))
    }

    fn remove_file(&mut self, path: &str) -> FileResult<()> {
        fs::remove_file(path).map_err(|e| words(&e))
    }

    fn make_dir(&mut self, path: &str) -> FileResult<()> {
        match fs::create_dir(path) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
            Err(error) => Err(words(&error)),
        }
    }

    fn change_dir(&mut self, path: &str) -> FileResult<String> {
        std::env::set_current_dir(path).map_err(|e| words(&e))?;
        Ok(self.current_dir())
    }

    fn can_listen(&mut self, address: std::net::SocketAddr) -> Result<(), String> {
        super::sockets::tcp(address, 1).map(drop)
    }

    fn current_dir(&mut self) -> String {
        std::env::current_dir().map_or_else(|_| ".".into(), |dir| dir.to_string_lossy().into_owned())
    }

    fn can_execute(&mut self, path: &str) -> bool {
        rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_ok()
    }

    fn can_write(&mut self, path: &str) -> FileResult<()> {
        rustix::fs::access(path, rustix::fs::Access::WRITE_OK).map_err(|e| words(&e.into()))
    }

    fn resolve(&mut self, name: &str) -> Found {
        use std::net::ToSocketAddrs;
        let found = (name, 0).to_socket_addrs().ok().and_then(|mut all| all.next());
        found.map_or(Found::Nothing, |address| Found::Address(address.ip()))
    }

    fn log(&mut self, role: char, level: Level, text: &str) {
        let line = launch::line(self.pid(), role, self.wall_us(), level, text);
        self.log_raw(&line);
    }

    fn log_raw(&mut self, text: &str) {
        self.log.borrow_mut().extend_from_slice(text.as_bytes());
    }

    fn pid(&self) -> u32 {
        std::process::id()
    }

    fn system(&self) -> System {
        self.system.clone()
    }
}
