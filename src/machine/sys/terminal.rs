//! Terminals.

use std::rc::Rc;

use super::Sys;
use crate::errno::{Errno, SysResult};
use crate::io::{Description, Fd, FileRef};
use crate::process::{Disposition, Pid, Signal};
use crate::tty::{Pty, Termios, Tty, WindowSize};

impl Sys {
    /// `isatty(3)`.
    pub fn isatty(&self, fd: Fd) -> bool {
        self.terminal(fd).is_ok()
    }

    /// The terminal behind either side; `ENOTTY`.
    fn terminal(&self, fd: Fd) -> SysResult<Rc<Tty>> {
        match self.description(fd)?.file.kind() {
            FileRef::Tty(tty) | FileRef::PtyMaster(tty) => Ok(tty.clone()),
            _ => Err(Errno::ENOTTY),
        }
    }

    /// `tcgetattr(3)`; `ENOTTY`.
    pub fn tcgetattr(&self, fd: Fd) -> SysResult<Termios> {
        Ok(self.terminal(fd)?.termios())
    }

    /// `tcsetattr(3)` (`TCSADRAIN`; with `flush` `TCSAFLUSH`: typed but unread input goes).
    pub fn tcsetattr(&self, fd: Fd, termios: &Termios, flush: bool) -> SysResult<()> {
        self.terminal(fd)?.set_termios(termios, flush);
        Ok(())
    }

    /// `TIOCGWINSZ`.
    pub fn winsize(&self, fd: Fd) -> SysResult<WindowSize> {
        Ok(self.terminal(fd)?.size())
    }

    /// `TIOCSWINSZ`: the foreground group gets `SIGWINCH` if it changed.
    pub fn set_winsize(&self, fd: Fd, size: WindowSize) -> SysResult<()> {
        self.terminal(fd)?.set_size(size);
        Ok(())
    }

    /// `tcgetpgrp(3)`.
    pub fn tcgetpgrp(&self, fd: Fd) -> SysResult<Pid> {
        let tty = self.controlling(fd)?;
        Ok(tty.foreground().map_or(Pid(0), |group| self.inside(group)))
    }

    /// `tcsetpgrp(3)`. From the background it sends the caller's group `SIGTTOU` and gives `EINTR`, unless that is
    /// ignored or blocked.
    pub fn tcsetpgrp(&self, fd: Fd, group: Pid) -> SysResult<()> {
        let tty = self.controlling(fd)?;
        let group = self.outside(group).ok_or(Errno::ESRCH)?;
        let (own, session) = self.with_process(|p| (p.group, p.session));
        let known = self.kernel.processes.processes.borrow().values().any(|p| p.group == group && p.session == session);
        if !known {
            return Err(Errno::EPERM);
        }
        if tty.foreground() != Some(own) && !self.unmoved_by(Signal::TTOU) {
            self.kernel.signal_group(own, Signal::TTOU);
            return Err(Errno::EINTR);
        }
        tty.set_foreground(group);
        Ok(())
    }

    fn controlling(&self, fd: Fd) -> SysResult<Rc<Tty>> {
        let tty = self.terminal(fd)?;
        let own = self.with_process(|p| p.tty.clone());
        if own.is_some_and(|own| Rc::ptr_eq(&own, &tty)) { Ok(tty) } else { Err(Errno::ENOTTY) }
    }

    fn unmoved_by(&self, signal: Signal) -> bool {
        self.disposition(signal) == Disposition::Ignore || self.with_process(|p| p.signals.blocked.contains(&signal))
    }

    /// `ttyname(3)`: `/dev/pts/0`.
    pub fn ttyname(&self, fd: Fd) -> SysResult<String> {
        Ok(format!("/dev/{}", self.terminal(fd)?.name()))
    }

    /// `openpty(3)` in the `/dev/pts` that the caller sees.
    pub fn openpty(&self, size: WindowSize) -> SysResult<Pty> {
        let pts = self.stat("/dev/pts")?.dev;
        let (master, tty) = self.kernel.ttys.open_master(&self.kernel, pts, size)?;
        let number = tty.number();
        let slave = crate::tty::open(&tty)?;
        let master = self.add_description(master, true)?;
        let slave = self.add_description(slave, false).inspect_err(|_| {
            let _ = self.close(master);
        })?;
        Ok(Pty { master, slave, number })
    }

    /// `TIOCSCTTY`: the terminal becomes the controlling one of the caller's session, which it leads.
    pub fn set_controlling_tty(&self, fd: Fd) -> SysResult<()> {
        let description = self.description(fd)?;
        let FileRef::Tty(tty) = description.file.kind() else { return Err(Errno::ENOTTY) };
        let (pid, session, group, has_tty) = self.with_process(|p| (p.pid, p.session, p.group, p.tty.is_some()));
        if pid != session || has_tty {
            return Err(Errno::EPERM);
        }
        tty.attach_session(session, group)?;
        self.with_process(|p| p.tty = Some(tty.clone()));
        Ok(())
    }

    /// Stops a process of the background that reads from its terminal (`SIGTTIN`), or writes to it while
    /// `TOSTOP` is set (`SIGTTOU`); `EIO` for a reader where that cannot be (signal ignored or blocked,
    /// orphaned group).
    pub(crate) async fn job_control(&self, description: &Rc<Description>, writing: bool) -> SysResult<()> {
        let FileRef::Tty(tty) = description.file.kind() else { return Ok(()) };
        loop {
            let (group, own) = self.with_process(|p| (p.group, p.tty.clone()));
            let in_back =
                tty.foreground().is_some_and(|front| front != group) && own.is_some_and(|own| Rc::ptr_eq(&own, tty));
            if !in_back || (writing && !tty.termios().tostop) {
                return Ok(());
            }
            let signal = if writing { Signal::TTOU } else { Signal::TTIN };
            if self.unmoved_by(signal) {
                return if writing { Ok(()) } else { Err(Errno::EIO) };
            }
            if self.orphaned(group) {
                return Err(Errno::EIO);
            }
            self.kernel.signal_group(group, signal);
            self.yield_now().await;
            if self.signal_pending() {
                return Err(Errno::EINTR);
            }
        }
    }

    /// Whether no member of a group has a parent outside it in the same session.
    fn orphaned(&self, group: Pid) -> bool {
        let processes = self.kernel.processes.processes.borrow();
        !processes.values().filter(|p| p.group == group).any(|p| {
            processes.get(&p.parent).is_some_and(|parent| parent.group != group && parent.session == p.session)
        })
    }
}
