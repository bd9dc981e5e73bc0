//! Reading, writing, waiting: what all file descriptors have in common.

use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use super::Sys;
use crate::errno::{Errno, SysResult};
use crate::io::pipe::Pipe;
use crate::io::{Description, Fd, PollFd, Ready, Seek};
use crate::process::Signal;

/// Copying a byte costs this much, in nanoseconds per 16 bytes.
const COPY_COST: u64 = 1;

/// How much `relay` moves at once.
const RELAY_CHUNK: usize = 32 * 1024;

impl Sys {
    /// `read(2)`.
    pub async fn read(&self, fd: Fd, buf: &mut [u8]) -> SysResult<usize> {
        let description = self.description(fd)?;
        if !description.readable {
            return Err(Errno::EBADF);
        }
        let n = self.retry(&description, |d| d.file.read(buf), false).await?;
        // Loops of calls that never have to wait give way here.
        self.tick(n as u64 / 16 * COPY_COST).await;
        Ok(n)
    }

    /// `read(2)` into a new vector of at most `most` bytes; empty at the end.
    pub async fn read_vec(&self, fd: Fd, most: usize) -> SysResult<Vec<u8>> {
        let mut buf = vec![0; most];
        let n = self.read(fd, &mut buf).await?;
        buf.truncate(n);
        Ok(buf)
    }

    /// Reads until the end, at most `most` bytes (`EFBIG` beyond).
    pub async fn read_to_end(&self, fd: Fd, most: usize) -> SysResult<Vec<u8>> {
        let mut all = Vec::new();
        loop {
            let chunk = self.read_vec(fd, 16 * 1024).await?;
            if chunk.is_empty() {
                return Ok(all);
            }
            if all.len() + chunk.len() > most {
                return Err(Errno::EFBIG);
            }
            all.extend_from_slice(&chunk);
        }
    }

    /// `write(2)`: how many bytes were taken. `EPIPE` comes with `SIGPIPE`.
    pub async fn write(&self, fd: Fd, data: &[u8]) -> SysResult<usize> {
        let description = self.description(fd)?;
        if !description.writable {
            return Err(Errno::EBADF);
        }
        let result = self.retry(&description, |d| d.file.write(data), true).await;
        if result == Err(Errno::EPIPE) {
            self.kernel.send_signal(self.pid, Signal::PIPE);
            // Where the signal ends the process, it ends here: its code does not run on.
            self.yield_now().await;
        }
        self.tick(result.unwrap_or(0) as u64 / 16 * COPY_COST).await;
        result
    }

    /// Writes all of `data`, waiting as often as needed; goes on after interruptions.
    pub async fn write_all(&self, fd: Fd, mut data: &[u8]) -> SysResult<()> {
        while !data.is_empty() {
            match self.write(fd, data).await {
                Ok(n) => data = &data[n..],
                Err(Errno::EINTR) if !self.signal_pending() => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// `lseek(2)`.
    pub fn seek(&self, fd: Fd, to: Seek) -> SysResult<u64> {
        self.description(fd)?.file.seek(to)
    }

    /// `close(2)`. Destructors may call it: when a process is killed, its descriptors are closed before its
    /// futures are dropped, and this is `EBADF` then.
    pub fn close(&self, fd: Fd) -> SysResult<()> {
        self.charge(super::CALL_COST);
        let closed = self.kernel.processes.with(self.pid, |p| p.fds.remove(fd)).ok_or(Errno::EBADF)??;
        drop(closed);
        Ok(())
    }

    /// `dup(2)`, to the lowest descriptor from `lowest` on (`F_DUPFD`).
    pub fn dup(&self, fd: Fd, lowest: Fd, cloexec: bool) -> SysResult<Fd> {
        self.with_process(|p| {
            let description = p.fds.get(fd)?;
            p.fds.add(description, lowest, cloexec, p.limits.open_files)
        })
    }

    /// `dup2(2)`.
    pub fn dup2(&self, from: Fd, to: Fd) -> SysResult<Fd> {
        let old = self.with_process(|p| {
            if to.0 < 0 || to.0 as u64 >= p.limits.open_files {
                return Err(Errno::EBADF);
            }
            let description = p.fds.get(from)?;
            Ok(if from == to { None } else { p.fds.set(to, description, false) })
        })?;
        drop(old);
        Ok(to)
    }

    /// `pipe(2)`: the end to read from and the end to write to, close-on-exec if asked.
    pub fn pipe(&self, cloexec: bool) -> SysResult<(Fd, Fd)> {
        let pipe = Pipe::new(self.kernel.vfs.anonymous_ino(), self.wall_clock());
        let read = self.add_description(pipe.end(true, false), cloexec)?;
        let write = self.add_description(pipe.end(false, true), cloexec).inspect_err(|_| {
            let _ = self.close(read);
        })?;
        Ok((read, write))
    }

    /// `fcntl(F_SETFD)`.
    pub fn set_cloexec(&self, fd: Fd, on: bool) -> SysResult<()> {
        self.with_process(|p| p.fds.set_close_on_exec(fd, on))
    }

    /// `fcntl(F_SETFL, O_NONBLOCK)`.
    pub fn set_nonblocking(&self, fd: Fd, on: bool) -> SysResult<()> {
        self.description(fd)?.nonblocking.set(on);
        Ok(())
    }

    /// The open descriptors of the calling process.
    pub fn open_fds(&self) -> Vec<Fd> {
        self.with_process(|p| p.fds.iter().map(|(fd, _)| fd).collect())
    }

    /// What could be done with `fd` now.
    pub fn ready(&self, fd: Fd) -> SysResult<Ready> {
        Ok(self.description(fd)?.file.ready())
    }

    /// `poll(2)`: waits until one of `fds` is ready or the time is over; how many are ready. A bad
    /// descriptor counts as an error on it.
    pub async fn poll(&self, fds: &mut [PollFd], timeout: Option<Duration>) -> SysResult<usize> {
        let files: Vec<Option<Rc<Description>>> = fds.iter().map(|p| self.description(p.fd).ok()).collect();
        let deadline = timeout.map(|t| self.now() + t);
        let mut timer = deadline.map(|at| Box::pin(self.kernel.sleep_until(at)));
        let _reading =
            self.note_readers(fds.iter().zip(&files).filter(|(p, _)| p.read).filter_map(|(_, f)| f.as_ref()));
        let look = poll_fn(|cx| {
            let mut count = 0;
            for (poll, file) in fds.iter_mut().zip(&files) {
                poll.ready = match file {
                    Some(d) => d.file.ready(),
                    None => Ready { error: true, ..Ready::default() },
                };
                count += usize::from(poll.is_ready());
            }
            let over = timer.as_mut().is_some_and(|t| t.as_mut().poll(cx).is_ready());
            if count > 0 || over {
                return Poll::Ready(count);
            }
            for file in files.iter().flatten() {
                if let Some(queue) = file.file.queue() {
                    queue.register(cx);
                }
            }
            Poll::Pending
        });
        self.interruptible(look).await
    }

    /// Copies from one descriptor to another until the end of the first or an error of either, like
    /// `splice(2)` in a loop; how many bytes. While it waits, whoever looks at the machine from outside knows
    /// that what is typed at `from` is for whoever reads at the other end of `to`.
    ///
    /// `filter` sees each chunk first: what it returns is passed on; `None` ends the copy.
    pub async fn relay(&self, from: Fd, to: Fd, mut filter: impl FnMut(&[u8]) -> Option<Vec<u8>>) -> SysResult<u64> {
        let (source, sink) = (self.description(from)?, self.description(to)?);
        let _link = self.kernel.vfs.relays.link(&source, &sink);
        let mut buf = vec![0; RELAY_CHUNK];
        let mut total = 0;
        loop {
            let n = self.retry_unnoted(&source, |d| d.file.read(&mut buf), false).await?;
            if n == 0 {
                return Ok(total);
            }
            let Some(data) = filter(&buf[..n]) else { return Ok(total) };
            let mut rest = &data[..];
            while !rest.is_empty() {
                let n = self.retry_unnoted(&sink, |d| d.file.write(rest), true).await?;
                rest = &rest[n..];
                total += n as u64;
            }
        }
    }

    /// Puts a description into the calling process's table.
    pub(crate) fn add_description(&self, description: Rc<Description>, cloexec: bool) -> SysResult<Fd> {
        self.with_process(|p| p.fds.add(description, Fd(0), cloexec, p.limits.open_files))
    }

    /// Does what a file can't do at once as soon as it can, unless it is non-blocking.
    pub(crate) async fn retry<T>(
        &self,
        description: &Rc<Description>,
        attempt: impl FnMut(&Description) -> SysResult<T>,
        writing: bool,
    ) -> SysResult<T> {
        let _reading = (!writing).then(|| self.note_readers(std::iter::once(description)));
        self.retry_unnoted(description, attempt, writing).await
    }

    async fn retry_unnoted<T>(
        &self,
        description: &Rc<Description>,
        mut attempt: impl FnMut(&Description) -> SysResult<T>,
        writing: bool,
    ) -> SysResult<T> {
        loop {
            self.charge(super::CALL_COST);
            self.job_control(description, writing).await?;
            match attempt(description) {
                Err(Errno::EAGAIN) if !description.nonblocking.get() => match description.file.queue() {
                    Some(queue) => self.wait_on(queue).await?,
                    None => return Err(Errno::EAGAIN),
                },
                result => return result,
            }
        }
    }

    /// Remembers, until it is dropped, that this process waits to read from these.
    fn note_readers<'a>(&self, files: impl Iterator<Item = &'a Rc<Description>>) -> crate::io::relay::Readers {
        self.kernel.vfs.relays.readers(self.pid, files)
    }
}
