//! Readiness, as `poll(2)` reports it.

use super::Fd;

/// What a file could do now.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Ready {
    /// `POLLIN`: a read would not wait (data, end of file or an error).
    pub readable: bool,
    /// `POLLOUT`: a write would not wait.
    pub writable: bool,
    /// `POLLHUP`: the other side is gone.
    pub hangup: bool,
    /// `POLLERR`.
    pub error: bool,
}

/// One descriptor to wait for.
#[derive(Clone, Copy, Debug)]
pub struct PollFd {
    /// The descriptor.
    pub fd: Fd,
    /// Wait for it to be readable.
    pub read: bool,
    /// Wait for it to be writable.
    pub write: bool,
    /// What held when `poll` came back.
    pub ready: Ready,
}

impl PollFd {
    /// Waits for `fd` to be readable.
    pub fn readable(fd: Fd) -> PollFd {
        PollFd { fd, read: true, write: false, ready: Ready::default() }
    }

    /// Waits for `fd` to be writable.
    pub fn writable(fd: Fd) -> PollFd {
        PollFd { fd, read: false, write: true, ready: Ready::default() }
    }

    /// Whether what it waits for holds (hang-up and error always count).
    pub fn is_ready(&self) -> bool {
        (self.read && self.ready.readable)
            || (self.write && self.ready.writable)
            || self.ready.hangup
            || self.ready.error
    }
}
