//! Open file descriptions: what a file descriptor refers to.

pub mod fd;
pub mod pipe;
pub mod poll;
pub mod relay;

use std::cell::Cell;
use std::rc::Rc;

use crate::errno::{Errno, SysResult};
use crate::fs::{Attr, Location};
use crate::kernel::WaitQueue;

pub use fd::Fd;
pub use poll::{PollFd, Ready};

/// Where a seek counts from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Seek {
    /// From the start.
    Set(u64),
    /// From the current position.
    Current(i64),
    /// From the end.
    End(i64),
}

/// An open file description of some kind. No operation waits: one that cannot go on gives `EAGAIN`, and
/// whoever wants to wait does so on [`File::queue`] and asks again (`Sys::read` and the like do).
pub trait File {
    /// Reads into `buf`: how many bytes came, 0 at the end, `EAGAIN` where there are none yet.
    fn read(&self, buf: &mut [u8]) -> SysResult<usize> {
        let _ = buf;
        Err(Errno::EINVAL)
    }

    /// Writes from `buf`: how many bytes were taken, `EAGAIN` where there is no room.
    fn write(&self, buf: &[u8]) -> SysResult<usize> {
        let _ = buf;
        Err(Errno::EINVAL)
    }

    /// What could be done now without waiting.
    fn ready(&self) -> Ready {
        Ready { readable: true, writable: true, ..Ready::default() }
    }

    /// Where tasks wait for [`File::ready`] to change. `None`: it never does.
    fn queue(&self) -> Option<&WaitQueue> {
        None
    }

    /// Moves the position, gives the new one.
    fn seek(&self, to: Seek) -> SysResult<u64> {
        let _ = to;
        Err(Errno::ESPIPE)
    }

    /// The attributes, as `fstat` gives them.
    fn attr(&self) -> SysResult<Attr>;

    /// The file or directory in the file systems that was opened, where it is one.
    fn location(&self) -> Option<&Location> {
        None
    }

    /// The directory and name by which it was opened, where it has one.
    fn opened_as(&self) -> Option<(&Location, &str)> {
        None
    }

    /// What `readlink /proc/PID/fd/N` shows where there is no location: `pipe:[4711]`, `socket:[17]`.
    fn label(&self) -> String {
        "anon_inode:[unknown]".into()
    }

    /// The kind in detail, for calls that only some kinds have.
    fn kind(&self) -> FileRef<'_> {
        FileRef::Other
    }
}

/// A [`File`] of a kind that has calls of its own.
pub enum FileRef<'a> {
    /// A terminal (slave side).
    Tty(&'a Rc<crate::tty::Tty>),
    /// The master side of a pseudo-terminal.
    PtyMaster(&'a Rc<crate::tty::Tty>),
    /// A socket.
    Socket(&'a Rc<dyn crate::net::Socket>),
    /// A pipe or FIFO. The pipe's buffer is what tells both ends belong together.
    Pipe(&'a Rc<pipe::Pipe>),
    /// A regular file, directory or device without calls of its own.
    Other,
}

/// A [`File`] with the flags that belong to the description, not the descriptor; shared by `dup` and `fork`.
pub struct Description {
    /// The file.
    pub file: Box<dyn File>,
    /// `O_NONBLOCK`.
    pub nonblocking: Cell<bool>,
    /// Opened for reading.
    pub readable: bool,
    /// Opened for writing.
    pub writable: bool,
}

impl Description {
    /// A blocking description open both ways.
    pub fn new(file: impl File + 'static) -> Rc<Description> {
        Description::with_access(file, true, true)
    }

    /// A blocking description with the given access.
    pub fn with_access(file: impl File + 'static, readable: bool, writable: bool) -> Rc<Description> {
        Rc::new(Description { file: Box::new(file), nonblocking: Cell::new(false), readable, writable })
    }
}
