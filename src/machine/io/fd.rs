//! File descriptors and a process's table of them.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::Description;
use crate::errno::{Errno, SysResult};

/// A file descriptor.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub struct Fd(pub i32);

impl Fd {
    /// Standard input.
    pub const STDIN: Fd = Fd(0);
    /// Standard output.
    pub const STDOUT: Fd = Fd(1);
    /// Standard error.
    pub const STDERR: Fd = Fd(2);
}

#[derive(Clone)]
struct Entry {
    description: Rc<Description>,
    close_on_exec: bool,
}

/// The descriptors of one process.
#[derive(Clone, Default)]
pub struct FdTable {
    entries: BTreeMap<Fd, Entry>,
}

impl FdTable {
    /// The description behind `fd`, or `EBADF`.
    pub fn get(&self, fd: Fd) -> SysResult<Rc<Description>> {
        self.entries.get(&fd).map(|e| e.description.clone()).ok_or(Errno::EBADF)
    }

    /// Puts a description at the lowest free descriptor from `lowest` on; `EMFILE` beyond `limit`.
    pub fn add(&mut self, description: Rc<Description>, lowest: Fd, cloexec: bool, limit: u64) -> SysResult<Fd> {
        let mut fd = lowest.0.max(0);
        for used in self.entries.range(Fd(fd)..).map(|(fd, _)| fd.0) {
            if used != fd {
                break;
            }
            fd += 1;
        }
        if fd as u64 >= limit {
            return Err(Errno::EMFILE);
        }
        self.entries.insert(Fd(fd), Entry { description, close_on_exec: cloexec });
        Ok(Fd(fd))
    }

    /// Puts a description at `fd` and gives back what was there, for the caller to drop.
    pub fn set(&mut self, fd: Fd, description: Rc<Description>, cloexec: bool) -> Option<Rc<Description>> {
        self.entries.insert(fd, Entry { description, close_on_exec: cloexec }).map(|e| e.description)
    }

    /// Takes `fd` out; the caller drops what it referred to.
    pub fn remove(&mut self, fd: Fd) -> SysResult<Rc<Description>> {
        self.entries.remove(&fd).map(|e| e.description).ok_or(Errno::EBADF)
    }

    /// Whether `fd` closes at `execve`.
    pub fn close_on_exec(&self, fd: Fd) -> SysResult<bool> {
        self.entries.get(&fd).map(|e| e.close_on_exec).ok_or(Errno::EBADF)
    }

    /// Sets whether `fd` closes at `execve`.
    pub fn set_close_on_exec(&mut self, fd: Fd, on: bool) -> SysResult<()> {
        self.entries.get_mut(&fd).map(|e| e.close_on_exec = on).ok_or(Errno::EBADF)
    }

    /// Takes out all that closes at `execve`.
    #[must_use]
    pub fn take_close_on_exec(&mut self) -> Vec<Rc<Description>> {
        let fds: Vec<Fd> = self.entries.iter().filter(|(_, e)| e.close_on_exec).map(|(fd, _)| *fd).collect();
        fds.iter().filter_map(|fd| self.remove(*fd).ok()).collect()
    }

    /// All open descriptors, in order.
    pub fn iter(&self) -> impl Iterator<Item = (Fd, &Rc<Description>)> {
        self.entries.iter().map(|(fd, e)| (*fd, &e.description))
    }
}
