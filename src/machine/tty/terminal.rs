//! The state of a terminal and what its two sides do with it.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::{Rc, Weak};
use std::time::Duration;

use super::discipline::{Discipline, Effect};
use super::{Termios, WindowSize};
use crate::errno::{Errno, SysResult};
use crate::io::Ready;
use crate::kernel::{Instant, Kernel, UnixTime, WaitQueue};
use crate::process::{Pid, Signal};

/// How many bytes wait for the master at most.
const OUTPUT_ROOM: usize = 65536;

/// How fast a terminal that is held from outside takes output, in bytes a virtual second. A real terminal
/// emulator is not endlessly fast either; the figure keeps `yes` from flooding the page.
const CONSOLE_RATE: u64 = 1_000_000;

/// Where output goes.
pub(crate) enum Output {
    /// To whoever reads the master.
    Master(VecDeque<u8>),
    /// Out of the machine, at [`CONSOLE_RATE`].
    Console {
        /// What has not been fetched yet.
        bytes: Vec<u8>,
        /// Until when the line is busy with what was sent.
        busy_until: Instant,
    },
}

impl Output {
    pub fn to_master() -> Output {
        Output::Master(VecDeque::new())
    }

    pub fn to_console() -> Output {
        Output::Console { bytes: Vec::new(), busy_until: Instant(0) }
    }

    fn room(&self, now: Instant) -> usize {
        match self {
            Output::Master(bytes) => OUTPUT_ROOM.saturating_sub(bytes.len()),
            Output::Console { busy_until, .. } => {
                let waiting = busy_until.0.saturating_sub(now.0) / (1_000_000_000 / CONSOLE_RATE);
                OUTPUT_ROOM.saturating_sub(waiting as usize)
            }
        }
    }

    pub(super) fn put(&mut self, byte: u8, now: Instant) {
        match self {
            Output::Master(bytes) => bytes.push_back(byte),
            Output::Console { bytes, busy_until } => {
                bytes.push(byte);
                *busy_until = Instant(busy_until.0.max(now.0) + 1_000_000_000 / CONSOLE_RATE);
            }
        }
    }
}

/// A terminal: buffers to and from its master, termios, size, session and foreground group.
pub struct Tty {
    number: u32,
    pub(super) state: RefCell<TtyState>,
    pub(super) queue: WaitQueue,
    kernel: Weak<Kernel>,
    created: UnixTime,
}

pub(super) struct TtyState {
    pub discipline: Discipline,
    pub output: Output,
    pub size: WindowSize,
    session: Option<Pid>,
    foreground: Option<Pid>,
    pub masters: usize,
    pub slaves: usize,
    /// Some slave was opened: without one any more, the master reads `EIO`.
    pub slave_was_open: bool,
    hung_up: bool,
    /// It controlled a session once.
    had_session: bool,
    /// A writer was refused, since the line to the console is busy, and tries again later.
    congested: bool,
}

impl Tty {
    pub(super) fn new(number: u32, kernel: &Rc<Kernel>, size: WindowSize, output: Output) -> Rc<Tty> {
        let state = TtyState {
            discipline: Discipline::new(),
            output,
            size,
            session: None,
            foreground: None,
            masters: 0,
            slaves: 0,
            slave_was_open: false,
            hung_up: false,
            had_session: false,
            congested: false,
        };
        let created = kernel.clock.wall();
        Rc::new(Tty { number, state: state.into(), queue: WaitQueue::new(), kernel: Rc::downgrade(kernel), created })
    }

    /// Its name below `/dev`: `pts/0`.
    pub fn name(&self) -> String {
        format!("pts/{}", self.number)
    }

    /// Its number below `/dev/pts`.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// When it was made.
    pub fn created(&self) -> UnixTime {
        self.created
    }

    /// The foreground process group (the kernel's number).
    pub fn foreground(&self) -> Option<Pid> {
        self.state.borrow().foreground
    }

    /// The session that it controls (the kernel's number).
    pub fn session(&self) -> Option<Pid> {
        self.state.borrow().session
    }

    /// Whether it controlled a session that is gone.
    pub fn session_ended(&self) -> bool {
        let state = self.state.borrow();
        state.had_session && state.session.is_none()
    }

    /// Whether its master is gone.
    pub fn hung_up(&self) -> bool {
        self.state.borrow().hung_up
    }

    /// Its settings.
    pub fn termios(&self) -> Termios {
        *self.state.borrow().discipline.termios()
    }

    /// Changes its settings; with `flush` input that was not read goes.
    pub fn set_termios(&self, termios: &Termios, flush: bool) {
        self.state.borrow_mut().discipline.set_termios(termios, flush);
        self.queue.wake();
    }

    /// Its size.
    pub fn size(&self) -> WindowSize {
        self.state.borrow().size
    }

    /// Changes its size; the foreground group hears of it.
    pub fn set_size(&self, size: WindowSize) {
        let changed = std::mem::replace(&mut self.state.borrow_mut().size, size) != size;
        if changed {
            self.signal_foreground(Signal::WINCH);
        }
    }

    /// Makes it the controlling terminal of `session`.
    pub(crate) fn attach_session(&self, session: Pid, group: Pid) -> SysResult<()> {
        let mut state = self.state.borrow_mut();
        if state.session.is_some_and(|s| s != session) {
            return Err(Errno::EPERM);
        }
        (state.session, state.foreground, state.had_session) = (Some(session), Some(group), true);
        Ok(())
    }

    pub(crate) fn set_foreground(&self, group: Pid) {
        self.state.borrow_mut().foreground = Some(group);
    }

    fn now(&self) -> Instant {
        self.kernel.upgrade().map_or(Instant(0), |k| k.clock.now())
    }

    fn signal_foreground(&self, signal: Signal) {
        if let (Some(kernel), Some(group)) = (self.kernel.upgrade(), self.foreground()) {
            kernel.signal_group(group, signal);
        }
    }

    /// Keys arrive from the master.
    pub fn type_bytes(&self, bytes: &[u8]) {
        let now = self.now();
        for &byte in bytes {
            let effect = {
                let state = &mut *self.state.borrow_mut();
                let (discipline, output) = (&mut state.discipline, &mut state.output);
                discipline.receive(byte, &mut |byte| output.put(byte, now))
            };
            if let Effect::Signal(signal) = effect {
                self.signal_foreground(signal);
            }
        }
        self.queue.wake();
    }

    /// A program reads.
    pub(super) fn read(&self, buf: &mut [u8]) -> SysResult<usize> {
        let mut state = self.state.borrow_mut();
        if state.hung_up {
            return Ok(0);
        }
        let result = state.discipline.read(buf);
        drop(state);
        if result.is_ok() {
            self.queue.wake();
        }
        result
    }

    /// A program writes.
    pub(super) fn write(self: &Rc<Self>, data: &[u8]) -> SysResult<usize> {
        let now = self.now();
        let state = &mut *self.state.borrow_mut();
        if state.hung_up {
            return Err(Errno::EIO);
        }
        let room = state.output.room(now);
        // A newline may become two bytes.
        if state.discipline.output_stopped() || room < 2 {
            if room < 2 && matches!(state.output, Output::Console { .. }) {
                state.congested = true;
                self.wake_later(now);
            }
            return Err(Errno::EAGAIN);
        }
        let n = data.len().min(room / 2);
        let (discipline, output) = (&mut state.discipline, &mut state.output);
        for &byte in &data[..n] {
            discipline.send(byte, &mut |byte| output.put(byte, now));
        }
        self.queue.wake();
        Ok(n)
    }

    /// The line to the console is busy: writers try again when half of it is free.
    fn wake_later(self: &Rc<Self>, now: Instant) {
        let Some(kernel) = self.kernel.upgrade() else { return };
        let half = Duration::from_nanos(OUTPUT_ROOM as u64 / 2 * (1_000_000_000 / CONSOLE_RATE));
        let (tty, sleep) = (Rc::downgrade(self), kernel.sleep_until(now + half));
        kernel.executor.spawn(Box::pin(async move {
            sleep.await;
            if let Some(tty) = tty.upgrade() {
                tty.state.borrow_mut().congested = false;
                tty.queue.wake();
            }
        }));
    }

    /// Whether there is more to be shown than the line to the console took so far.
    pub fn is_congested(&self) -> bool {
        self.state.borrow().congested
    }

    /// What the slave's readers and writers could do now.
    pub(super) fn slave_ready(&self) -> Ready {
        let state = self.state.borrow();
        Ready {
            readable: state.hung_up || state.discipline.readable(),
            writable: state.hung_up || (!state.discipline.output_stopped() && state.output.room(self.now()) >= 2),
            hangup: state.hung_up,
            error: false,
        }
    }

    /// Takes what programs wrote, at the master.
    pub(super) fn read_output(&self, buf: &mut [u8]) -> SysResult<usize> {
        let mut state = self.state.borrow_mut();
        let gone = state.slave_was_open && state.slaves == 0;
        let Output::Master(bytes) = &mut state.output else { return Err(Errno::EIO) };
        if bytes.is_empty() {
            return Err(if gone { Errno::EIO } else { Errno::EAGAIN });
        }
        let n = buf.len().min(bytes.len());
        for (to, from) in buf.iter_mut().zip(bytes.drain(..n)) {
            *to = from;
        }
        drop(state);
        self.queue.wake();
        Ok(n)
    }

    pub(super) fn master_ready(&self) -> Ready {
        let state = self.state.borrow();
        let gone = state.slave_was_open && state.slaves == 0;
        let waiting = matches!(&state.output, Output::Master(bytes) if !bytes.is_empty());
        Ready { readable: waiting || gone, writable: state.discipline.input_room() > 0, hangup: gone, error: false }
    }

    /// Takes what programs wrote, at the console.
    pub(crate) fn take_console_output(&self) -> Vec<u8> {
        match &mut self.state.borrow_mut().output {
            Output::Console { bytes, .. } => std::mem::take(bytes),
            Output::Master(_) => Vec::new(),
        }
    }

    /// The master is gone: the session hears `SIGHUP`, readers get the end, writers `EIO`.
    pub(crate) fn hang_up(&self) {
        let (session, foreground) = {
            let mut state = self.state.borrow_mut();
            state.hung_up = true;
            (state.session, state.foreground)
        };
        self.queue.wake();
        let Some(kernel) = self.kernel.upgrade() else { return };
        if let Some(session) = session {
            kernel.send_signal(session, Signal::HUP);
            kernel.send_signal(session, Signal::CONT);
        }
        if let Some(group) = foreground {
            kernel.signal_group(group, Signal::HUP);
        }
    }
}

/// The leader of `session` ended: the terminal has no session any more. Gives what was the foreground group.
pub(crate) fn release_session(tty: &Rc<Tty>, session: Pid) -> Option<Pid> {
    let mut state = tty.state.borrow_mut();
    if state.session != Some(session) {
        return None;
    }
    state.session = None;
    state.foreground.take()
}
