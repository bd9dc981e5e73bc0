//! Terminals.

use std::rc::Rc;

use super::Sys;
use crate::errno::SysResult;
use crate::io::{Description, Fd};
use crate::process::Pid;
use crate::tty::{Pty, Termios, WindowSize};

impl Sys {
    /// `isatty(3)`.
    pub fn isatty(&self, fd: Fd) -> bool {
        self.tcgetattr(fd).is_ok()
    }

    /// `tcgetattr(3)`; `ENOTTY`.
    pub fn tcgetattr(&self, fd: Fd) -> SysResult<Termios> {
        let _ = fd;
        todo!("tty")
    }

    /// `tcsetattr(3)` (`TCSADRAIN`; with `flush` `TCSAFLUSH`: typed but unread input goes).
    pub fn tcsetattr(&self, fd: Fd, termios: &Termios, flush: bool) -> SysResult<()> {
        let _ = (fd, termios, flush);
        todo!("tty")
    }

    /// `TIOCGWINSZ`.
    pub fn winsize(&self, fd: Fd) -> SysResult<WindowSize> {
        let _ = fd;
        todo!("tty")
    }

    /// `TIOCSWINSZ`: the foreground group gets `SIGWINCH` if it changed.
    pub fn set_winsize(&self, fd: Fd, size: WindowSize) -> SysResult<()> {
        let _ = (fd, size);
        todo!("tty")
    }

    /// `tcgetpgrp(3)`.
    pub fn tcgetpgrp(&self, fd: Fd) -> SysResult<Pid> {
        let _ = fd;
        todo!("tty")
    }

    /// `tcsetpgrp(3)`. From the background it stops the caller with `SIGTTOU` unless that is ignored or blocked.
    pub fn tcsetpgrp(&self, fd: Fd, group: Pid) -> SysResult<()> {
        let _ = (fd, group);
        todo!("tty")
    }

    /// `ttyname(3)`: `/dev/pts/0`.
    pub fn ttyname(&self, fd: Fd) -> SysResult<String> {
        let _ = fd;
        todo!("tty")
    }

    /// `openpty(3)` in the caller's `/dev/pts`.
    pub fn openpty(&self, size: WindowSize) -> SysResult<Pty> {
        let _ = size;
        todo!("tty")
    }

    /// `TIOCSCTTY`: the terminal becomes the controlling one of the caller's session, which it leads.
    pub fn set_controlling_tty(&self, fd: Fd) -> SysResult<()> {
        let _ = fd;
        todo!("tty")
    }

    /// Stops a process of the background that reads from its terminal (`SIGTTIN`), or writes to it while
    /// `TOSTOP` is set (`SIGTTOU`); `EIO` where that cannot be (signal ignored or blocked, orphaned group).
    pub(crate) async fn job_control(&self, description: &Rc<Description>, writing: bool) -> SysResult<()> {
        let _ = (description, writing);
        todo!("tty")
    }
}
