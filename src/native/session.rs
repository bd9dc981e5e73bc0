//! `drydock`: a session in this terminal, at the pace of real time.

#![allow(clippy::disallowed_types)] // the door between real and virtual time

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use playground::{Event, World};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcgetwinsize, tcsetattr};

use crate::options::Options;

const TTY: &str = "1";
/// Slices between two looks at the keyboard.
const SLICES: u32 = 20_000;
/// The window's size is asked for so often.
const LOOK: Duration = Duration::from_millis(100);

/// Sets the terminal back when the session ends, however it ends.
struct RawMode(Termios);

impl RawMode {
    fn enter() -> Result<RawMode, String> {
        let old = tcgetattr(rustix::stdio::stdin()).map_err(|e| e.to_string())?;
        let mut raw = old.clone();
        raw.make_raw();
        tcsetattr(rustix::stdio::stdin(), OptionalActions::Now, &raw).map_err(|e| e.to_string())?;
        Ok(RawMode(old))
    }
}

impl Drop for RawMode {
    fn drop(&mut self) {
        let _ = tcsetattr(rustix::stdio::stdin(), OptionalActions::Now, &self.0);
    }
}

/// Runs until the login shell ends.
pub fn run(options: &Options) -> Result<u8, String> {
    if !std::io::stdin().is_terminal() {
        return Err("a session wants a terminal; for scripts there is drydock play".into());
    }
    let _raw = RawMode::enter()?;
    let mut world = World::boot(&options.boot);
    let (mut cols, mut rows) = window();
    world.input(Event::OpenTty { tty: TTY.into(), cols, rows })?;
    let start = Instant::now();
    let mut out = std::io::stdout().lock();
    while !world.is_over(TTY) {
        let target = start.elapsed().as_nanos() as u64;
        let reached = world.advance(target, SLICES);
        out.write_all(&world.take_tty_output(TTY)?).and_then(|()| out.flush()).map_err(|e| e.to_string())?;
        let rest = reached.next_event_ns.map_or(LOOK, |at| Duration::from_nanos(at.saturating_sub(target)).min(LOOK));
        let rest = if reached.now_ns < target { Duration::ZERO } else { rest };
        if let Some(bytes) = keys(rest)? {
            world.input(Event::Keys { tty: TTY.into(), bytes })?;
        }
        if window() != (cols, rows) {
            (cols, rows) = window();
            world.input(Event::Resize { tty: TTY.into(), cols, rows })?;
        }
    }
    out.write_all(&world.take_tty_output(TTY)?).map_err(|e| e.to_string())?;
    Ok(0)
}

fn window() -> (u16, u16) {
    match tcgetwinsize(rustix::stdio::stdout()) {
        Ok(size) if size.ws_col > 0 && size.ws_row > 0 => (size.ws_col.min(1000), size.ws_row.min(1000)),
        _ => (80, 24),
    }
}

/// Waits for keys, at most so long.
fn keys(most: Duration) -> Result<Option<Vec<u8>>, String> {
    let stdin = rustix::stdio::stdin();
    let timeout = Timespec { tv_sec: most.as_secs() as i64, tv_nsec: i64::from(most.subsec_nanos()) };
    match poll(&mut [PollFd::new(&stdin, PollFlags::IN)], Some(&timeout)) {
        Ok(0) | Err(rustix::io::Errno::INTR) => return Ok(None),
        Ok(_) => {}
        Err(error) => return Err(error.to_string()),
    }
    let mut buf = [0; 4096];
    match rustix::io::read(stdin, &mut buf) {
        Ok(0) => Err("the terminal is gone".into()),
        Ok(n) => Ok(Some(buf[..n].to_vec())),
        Err(error) => Err(error.to_string()),
    }
}
