//! Pipes and FIFOs (`pipe(7)`).

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use super::{Description, File, FileRef, Ready};
use crate::errno::{Errno, SysResult};
use crate::fs::{Attr, FileKind};
use crate::kernel::{UnixTime, WaitQueue};

/// How many bytes a pipe holds (Linux: 16 pages).
pub const CAPACITY: usize = 65536;

/// A write of at most so many bytes is not torn apart (`PIPE_BUF`).
const ATOMIC: usize = 4096;

/// The buffer between two ends.
#[derive(Default)]
pub struct Pipe {
    buffer: RefCell<VecDeque<u8>>,
    readers: Cell<usize>,
    writers: Cell<usize>,
    queue: WaitQueue,
    ino: u64,
    created: UnixTime,
}

/// One end of a [`Pipe`]; closing it wakes the other side.
pub struct PipeEnd {
    pipe: Rc<Pipe>,
    reads: bool,
    writes: bool,
}

impl Pipe {
    /// An empty pipe with inode number `ino`.
    pub fn new(ino: u64, created: UnixTime) -> Rc<Pipe> {
        Rc::new(Pipe { ino, created, ..Pipe::default() })
    }

    /// An end of it for reading, writing or both.
    pub fn end(self: &Rc<Pipe>, reads: bool, writes: bool) -> Rc<Description> {
        self.readers.set(self.readers.get() + usize::from(reads));
        self.writers.set(self.writers.get() + usize::from(writes));
        self.queue.wake();
        Description::with_access(PipeEnd { pipe: self.clone(), reads, writes }, reads, writes)
    }

    /// How many descriptions read from it.
    pub fn readers(&self) -> usize {
        self.readers.get()
    }

    /// How many descriptions write to it.
    pub fn writers(&self) -> usize {
        self.writers.get()
    }

    /// Woken when anything changes.
    pub fn queue(&self) -> &WaitQueue {
        &self.queue
    }
}

impl File for PipeEnd {
    fn read(&self, buf: &mut [u8]) -> SysResult<usize> {
        if !self.reads {
            return Err(Errno::EBADF);
        }
        let mut data = self.pipe.buffer.borrow_mut();
        if data.is_empty() {
            return if self.pipe.writers.get() == 0 || buf.is_empty() { Ok(0) } else { Err(Errno::EAGAIN) };
        }
        let n = buf.len().min(data.len());
        for (to, from) in buf.iter_mut().zip(data.drain(..n)) {
            *to = from;
        }
        drop(data);
        self.pipe.queue.wake();
        Ok(n)
    }

    fn write(&self, buf: &[u8]) -> SysResult<usize> {
        if !self.writes {
            return Err(Errno::EBADF);
        }
        if self.pipe.readers.get() == 0 {
            return Err(Errno::EPIPE);
        }
        let mut data = self.pipe.buffer.borrow_mut();
        let room = CAPACITY - data.len();
        if room == 0 || (buf.len() <= ATOMIC && room < buf.len()) {
            return Err(Errno::EAGAIN);
        }
        let n = buf.len().min(room);
        data.extend(&buf[..n]);
        drop(data);
        self.pipe.queue.wake();
        Ok(n)
    }

    fn ready(&self) -> Ready {
        let held = self.pipe.buffer.borrow().len();
        let (no_writers, no_readers) = (self.pipe.writers.get() == 0, self.pipe.readers.get() == 0);
        Ready {
            readable: self.reads && (held > 0 || no_writers),
            writable: self.writes && CAPACITY - held >= ATOMIC,
            hangup: self.reads && !self.writes && no_writers,
            error: self.writes && !self.reads && no_readers,
        }
    }

    fn queue(&self) -> Option<&WaitQueue> {
        Some(&self.pipe.queue)
    }

    fn attr(&self) -> SysResult<Attr> {
        let t = self.pipe.created;
        Ok(Attr {
            ino: self.pipe.ino,
            kind: FileKind::Fifo,
            mode: 0o600,
            atime: t,
            mtime: t,
            ctime: t,
            ..Attr::default()
        })
    }

    fn label(&self) -> String {
        format!("pipe:[{}]", self.pipe.ino)
    }

    fn kind(&self) -> FileRef<'_> {
        FileRef::Pipe(&self.pipe)
    }
}

impl Drop for PipeEnd {
    fn drop(&mut self) {
        self.pipe.readers.set(self.pipe.readers.get() - usize::from(self.reads));
        self.pipe.writers.set(self.pipe.writers.get() - usize::from(self.writes));
        self.pipe.queue.wake();
    }
}
