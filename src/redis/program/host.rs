//! The machine as the engine's world.

use super::files;
use super::names::SharedNames;
use crate::launch;
use crate::server::Host;
use crate::server::host::{FileResult, Found, Level, System};
use machine::Sys;
use machine::fs::{Access, OpenFlags};
use std::cell::RefCell;
use std::rc::Rc;

/// Lines of the log that are not written yet.
pub type LogBuffer = Rc<RefCell<Vec<u8>>>;

/// The world of a server on the machine.
pub struct MachineHost {
    /// The calling process.
    pub sys: Sys,
    /// Where log lines wait.
    pub log: LogBuffer,
    /// Names of other hosts.
    pub names: SharedNames,
}

impl Host for MachineHost {
    fn wall_us(&self) -> i64 {
        self.sys.wall_clock().0 / 1000
    }

    fn mono_us(&self) -> i64 {
        (self.sys.now().0 / 1000) as i64
    }

    fn random(&mut self, bytes: &mut [u8]) {
        self.sys.random(bytes);
    }

    fn read_file(&mut self, path: &str) -> FileResult<Option<Vec<u8>>> {
        match self.sys.read_file(path) {
            Ok(data) => Ok(Some(data)),
            Err(machine::Errno::ENOENT) => Ok(None),
            Err(error) => Err(error.message().to_owned()),
        }
    }

    fn write_file(&mut self, path: &str, data: &[u8]) -> FileResult<()> {
        self.replace_file(path, data).map_err(|(_, reason)| reason)
    }

    fn replace_file(&mut self, path: &str, data: &[u8]) -> Result<(), (&'static str, String)> {
        let temporary = format!("{path}.tmp-{}", self.sys.getpid().0);
        files::write(&self.sys, &temporary, data, OpenFlags::CREATE).map_err(|reason| ("create", reason))?;
        self.sys.rename(&temporary, path).map_err(|error| {
            let _ = self.sys.unlink(&temporary);
            ("rename", error.message().to_owned())
        })
    }

    fn append_file(&mut self, path: &str, data: &[u8]) -> FileResult<()> {
        files::write(&self.sys, path, data, OpenFlags::APPEND)
    }

    fn rename_file(&mut self, from: &str, to: &str) -> FileResult<()> {
        self.sys.rename(from, to).map_err(|e| e.message().to_owned())
    }

    fn remove_file(&mut self, path: &str) -> FileResult<()> {
        self.sys.unlink(path).map_err(|e| e.message().to_owned())
    }

    fn make_dir(&mut self, path: &str) -> FileResult<()> {
        match self.sys.mkdir(path, 0o755) {
            Ok(()) | Err(machine::Errno::EEXIST) => Ok(()),
            Err(error) => Err(error.message().to_owned()),
        }
    }

    fn change_dir(&mut self, path: &str) -> FileResult<String> {
        self.sys.chdir(path).map_err(|e| e.message().to_owned())?;
        Ok(self.current_dir())
    }

    fn can_listen(&mut self, address: std::net::SocketAddr) -> Result<(), String> {
        let fd = super::events::open(&self.sys, &address, 1)?;
        self.sys.close(fd).map_err(|e| e.message().to_owned())
    }

    fn current_dir(&mut self) -> String {
        self.sys.getcwd().unwrap_or_else(|_| ".".into())
    }

    fn can_execute(&mut self, path: &str) -> bool {
        self.sys.access(path, Access { execute: true, ..Access::default() }).is_ok()
    }

    fn can_write(&mut self, path: &str) -> FileResult<()> {
        let access = Access { write: true, ..Access::default() };
        self.sys.access(path, access).map_err(|e| e.message().to_owned())
    }

    fn resolve(&mut self, name: &str) -> Found {
        self.names.borrow_mut().address(name, self.mono_us())
    }

    fn log(&mut self, role: char, level: Level, text: &str) {
        let line = launch::line(self.pid(), role, self.wall_us(), level, text);
        self.log_raw(&line);
    }

    fn log_raw(&mut self, text: &str) {
        self.log.borrow_mut().extend_from_slice(text.as_bytes());
    }

    fn pid(&self) -> u32 {
        self.sys.getpid().0 as u32
    }

    fn system(&self) -> System {
        let read = |path: &str| {
            self.sys.read_file(path).ok().map(|d| String::from_utf8_lossy(&d).into_owned()).unwrap_or_default()
        };
        let release = read("/proc/sys/kernel/osrelease");
        let memory = read("/proc/meminfo")
            .lines()
            .find_map(|l| l.strip_prefix("MemTotal:")?.trim().strip_suffix("kB")?.trim().parse::<u64>().ok())
            .unwrap_or(0);
        System { os: format!("Linux {} x86_64", release.trim()), executable: self.sys.exe(), memory: memory * 1024 }
    }
}
