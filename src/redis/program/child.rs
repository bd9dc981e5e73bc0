//! The child process that writes a snapshot: Redis's has a frozen copy of all memory, this one gets slices of it from
//! its parent while the parent serves.

use super::events::flush_log;
use super::host::LogBuffer;
use crate::config;
use crate::launch;
use crate::persistence::child::{Failure, Plan, Total, failure_line, success_lines};
use crate::server::{Level, Server};
use machine::fs::OpenFlags;
use machine::{Errno, ExitCode, Fd, Pid, Sys, WaitQueue};
use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

/// What writing a key costs the machine, in nanoseconds, and what a byte does.
const KEY_COST: u64 = 300;
const BYTE_COST: u64 = 1;

/// What passes from the server to its child.
#[derive(Default)]
struct Pipe {
    content: RefCell<Content>,
    more: WaitQueue,
}

#[derive(Default)]
struct Content {
    data: Vec<u8>,
    total: Option<Total>,
    /// The server is gone.
    broken: bool,
}

/// The server's end.
pub(super) struct Feeder(Rc<Pipe>);

impl Drop for Feeder {
    fn drop(&mut self) {
        let mut content = self.0.content.borrow_mut();
        content.broken = content.total.is_none();
        self.0.more.wake();
    }
}

impl Feeder {
    /// Starts a child.
    pub(super) fn start(sys: &Sys, server: &Server, plan: Plan) -> Result<(Feeder, Pid), Errno> {
        let pipe = Rc::new(Pipe::default());
        let feeder = Feeder(pipe.clone());
        let logfile = server.config.text(config::LOGFILE).to_owned();
        let title = launch::title(server, plan.purpose.title());
        let pid = sys.fork(move |sys| async move {
            if let Some(title) = title {
                sys.set_title(&title);
            }
            let pid = sys.getpid().0 as u32;
            let written = write(&sys, &plan, pid, &pipe).await;
            let Some(result) = written.transpose() else { return ExitCode::FAILURE };
            let lines = match &result {
                Ok(total) => success_lines(plan.purpose, pid, *total),
                Err(failure) => {
                    let dir = sys.getcwd().unwrap_or_else(|_| "unknown".into());
                    vec![failure_line(&plan, pid, &dir, failure)]
                }
            };
            say(&sys, pid, &logfile, &lines).await;
            if plan.purpose.file(pid).is_none() {
                // Lives until the replicas have what it made.
                let _ = sys.sleep(Duration::from_millis(50)).await;
            }
            if result.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        })?;
        Ok((feeder, pid))
    }

    /// Gives the child a slice more. Whether that was the last, and what the work costs in nanoseconds.
    pub(super) fn feed(&self, server: &mut Server) -> (bool, u64) {
        let slice = server.child_slice();
        let cost = slice.keys as u64 * KEY_COST + slice.data.len() as u64 * BYTE_COST;
        let mut content = self.0.content.borrow_mut();
        content.data.extend(slice.data);
        content.total = slice.last;
        self.0.more.wake();
        (slice.last.is_some(), cost)
    }
}

async fn say(sys: &Sys, pid: u32, logfile: &str, lines: &[(Level, String)]) {
    let log = LogBuffer::default();
    let wall = sys.wall_clock().0 / 1000;
    for (level, text) in lines {
        log.borrow_mut().extend_from_slice(launch::line(pid, 'C', wall, *level, text).as_bytes());
    }
    flush_log(sys, logfile, &log).await;
}

fn words(error: Errno) -> String {
    error.message().to_owned()
}

/// Writes all that comes. `None` where the server is gone before its end.
async fn write(sys: &Sys, plan: &Plan, pid: u32, pipe: &Pipe) -> Result<Option<Total>, Failure> {
    let file = plan.purpose.file(pid);
    let fd = match &file {
        Some(file) => {
            let open = sys.open(file, OpenFlags::CREATE.cloexec(), 0o644).await;
            Some(open.map_err(|e| Failure::Open(words(e)))?)
        }
        None => None,
    };
    let written = copy(sys, fd, pipe).await;
    if let Some(fd) = fd {
        let _ = sys.close(fd);
    }
    let Some(file) = file else { return written };
    if !matches!(written, Ok(Some(_))) {
        let _ = sys.unlink(&file);
        return written;
    }
    let _ = sys.sleep(Duration::from_micros(plan.delay.max(0).unsigned_abs())).await;
    if let Some(path) = &plan.path
        && let Err(error) = sys.rename(&file, path)
    {
        let _ = sys.unlink(&file);
        return Err(Failure::Move(words(error)));
    }
    written
}

async fn copy(sys: &Sys, fd: Option<Fd>, pipe: &Pipe) -> Result<Option<Total>, Failure> {
    loop {
        let (data, total, broken) = {
            let mut content = pipe.content.borrow_mut();
            (std::mem::take(&mut content.data), content.total, content.broken)
        };
        if let Some(fd) = fd {
            sys.write_all(fd, &data).await.map_err(|e| Failure::Write(words(e)))?;
        }
        if broken {
            return Ok(None);
        }
        if total.is_some() {
            return Ok(total);
        }
        let _ = sys.wait_on(&pipe.more).await;
    }
}
