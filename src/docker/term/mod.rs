//! The terminal while a container has it: raw mode, detach keys, window sizes, signals, and the
//! copying between it and a taken-over connection.

mod keys;
mod race;
mod signals;
mod stream;

use machine::tty::Termios;
use machine::{Fd, Sys};

pub use keys::{DetachKeys, parse_keys};
pub use race::{Either, join_all, race};
pub use signals::{forward_signals, hold_signals, watch_window};
pub use stream::{Ended, Streams, copy_streams};

/// A terminal in raw mode; it becomes what it was when this is dropped.
pub struct RawMode {
    sys: Sys,
    fd: Fd,
    before: Termios,
}

impl RawMode {
    /// Makes `fd` raw if it is a terminal.
    pub fn enter(sys: &Sys, fd: Fd) -> Option<RawMode> {
        let before = sys.tcgetattr(fd).ok()?;
        let mut raw = before;
        raw.make_raw();
        sys.tcsetattr(fd, &raw, false).ok()?;
        Some(RawMode { sys: sys.clone(), fd, before })
    }
}

impl Drop for RawMode {
    fn drop(&mut self) {
        let _ = self.sys.tcsetattr(self.fd, &self.before, false);
    }
}
