//! Terminals: the line discipline, termios, pseudo-terminals, controlling terminals.
//!
//! A [`Tty`] has two sides. Programs run on the slave; the master is held by a program (dockerd) or by the
//! machine's owner ([`crate::Console`]). Keys go through the line discipline to the slave's readers, what
//! programs write goes through output processing to the master.

mod discipline;
mod files;
mod terminal;
mod termios;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::{Rc, Weak};

pub use terminal::Tty;
pub(crate) use terminal::{Output, release_session};
pub use termios::{Termios, WindowSize};

use crate::errno::{Errno, SysResult};
use crate::io::Description;
use crate::kernel::Kernel;

/// How many pseudo-terminals there can be (`/proc/sys/kernel/pty/max` is 4096 in Linux).
const MOST: u32 = 256;

/// The two ends of a new pseudo-terminal.
pub struct Pty {
    /// What the terminal emulator holds.
    pub master: crate::Fd,
    /// What programs run on.
    pub slave: crate::Fd,
    /// Its number: `/dev/pts/N`.
    pub number: u32,
}

/// All terminals of the machine, by the `/dev/pts` that they belong to (its device number) and their number there.
#[derive(Default)]
pub(crate) struct Ttys {
    ttys: RefCell<BTreeMap<(u64, u32), Weak<Tty>>>,
}

impl Ttys {
    /// A new terminal with the lowest free number of a `/dev/pts`.
    pub fn create(&self, kernel: &Rc<Kernel>, pts: u64, size: WindowSize, output: Output) -> SysResult<Rc<Tty>> {
        let mut ttys = self.ttys.borrow_mut();
        ttys.retain(|_, tty| tty.strong_count() > 0);
        let number = (0..MOST).find(|n| !ttys.contains_key(&(pts, *n))).ok_or(Errno::ENOSPC)?;
        let tty = Tty::new(number, kernel, size, output);
        ttys.insert((pts, number), Rc::downgrade(&tty));
        Ok(tty)
    }

    /// The numbers in use in a `/dev/pts`.
    pub fn numbers(&self, pts: u64) -> Vec<u32> {
        let ttys = self.ttys.borrow();
        ttys.range((pts, 0)..=(pts, MOST)).filter(|(_, tty)| tty.strong_count() > 0).map(|((_, n), _)| *n).collect()
    }

    /// The terminal with a number.
    pub fn get(&self, pts: u64, number: u32) -> Option<Rc<Tty>> {
        self.ttys.borrow().get(&(pts, number))?.upgrade()
    }

    /// All terminals.
    pub fn all(&self) -> Vec<Rc<Tty>> {
        self.ttys.borrow().values().filter_map(Weak::upgrade).collect()
    }

    /// Opens `/dev/pts/N`.
    pub fn open_slave(&self, pts: u64, number: u32) -> SysResult<Rc<Description>> {
        open(&self.get(pts, number).ok_or(Errno::ENOENT)?)
    }

    /// Opens `/dev/ptmx`: a new terminal's master.
    pub fn open_master(
        &self,
        kernel: &Rc<Kernel>,
        pts: u64,
        size: WindowSize,
    ) -> SysResult<(Rc<Description>, Rc<Tty>)> {
        let tty = self.create(kernel, pts, size, Output::to_master())?;
        Ok((files::master(&tty), tty))
    }
}

/// Opens a terminal's slave side; `EIO` where it is hung up.
pub(crate) fn open(tty: &Rc<Tty>) -> SysResult<Rc<Description>> {
    if tty.hung_up() { Err(Errno::EIO) } else { Ok(files::slave(tty)) }
}
