//! The open file descriptions of a terminal's two sides.

use std::rc::Rc;

use super::Tty;
use crate::errno::SysResult;
use crate::fs::{Attr, DeviceNumber, FileKind};
use crate::io::{Description, File, FileRef, Ready};
use crate::kernel::WaitQueue;

struct Slave(Rc<Tty>);
struct Master(Rc<Tty>);

/// A new description of `/dev/pts/N`.
pub(super) fn slave(tty: &Rc<Tty>) -> Rc<Description> {
    let mut state = tty.state.borrow_mut();
    state.slaves += 1;
    state.slave_was_open = true;
    drop(state);
    Description::new(Slave(tty.clone()))
}

/// A new description of the master.
pub(super) fn master(tty: &Rc<Tty>) -> Rc<Description> {
    tty.state.borrow_mut().masters += 1;
    Description::new(Master(tty.clone()))
}

/// What `stat` shows of a terminal: character device 136:N, group tty.
pub(crate) fn attr(tty: &Tty) -> Attr {
    let t = tty.created();
    let rdev = DeviceNumber { major: 136, minor: tty.number() };
    let (kind, ino) = (FileKind::CharDevice, u64::from(tty.number()) + 3);
    Attr { ino, kind, mode: 0o620, nlink: 1, gid: 5, rdev, atime: t, mtime: t, ctime: t, ..Attr::default() }
}

impl File for Slave {
    fn read(&self, buf: &mut [u8]) -> SysResult<usize> {
        self.0.read(buf)
    }

    fn write(&self, buf: &[u8]) -> SysResult<usize> {
        self.0.write(buf)
    }

    fn ready(&self) -> Ready {
        self.0.slave_ready()
    }

    fn queue(&self) -> Option<&WaitQueue> {
        Some(&self.0.queue)
    }

    fn attr(&self) -> SysResult<Attr> {
        Ok(attr(&self.0))
    }

    fn label(&self) -> String {
        format!("/dev/{}", self.0.name())
    }

    fn kind(&self) -> FileRef<'_> {
        FileRef::Tty(&self.0)
    }
}

impl Drop for Slave {
    fn drop(&mut self) {
        self.0.state.borrow_mut().slaves -= 1;
        self.0.queue.wake();
    }
}

impl File for Master {
    fn read(&self, buf: &mut [u8]) -> SysResult<usize> {
        self.0.read_output(buf)
    }

    fn write(&self, buf: &[u8]) -> SysResult<usize> {
        let room = self.0.state.borrow().discipline.input_room();
        if room == 0 {
            return Err(crate::Errno::EAGAIN);
        }
        let n = buf.len().min(room);
        self.0.type_bytes(&buf[..n]);
        Ok(n)
    }

    fn ready(&self) -> Ready {
        self.0.master_ready()
    }

    fn queue(&self) -> Option<&WaitQueue> {
        Some(&self.0.queue)
    }

    fn attr(&self) -> SysResult<Attr> {
        Ok(Attr { rdev: DeviceNumber { major: 5, minor: 2 }, mode: 0o666, ..attr(&self.0) })
    }

    fn label(&self) -> String {
        "/dev/ptmx".into()
    }

    fn kind(&self) -> FileRef<'_> {
        FileRef::PtyMaster(&self.0)
    }
}

impl Drop for Master {
    fn drop(&mut self) {
        let mut state = self.0.state.borrow_mut();
        state.masters -= 1;
        let last = state.masters == 0;
        drop(state);
        if last {
            self.0.hang_up();
        }
    }
}
