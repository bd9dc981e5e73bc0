//! Stopping, killing, pausing, restarting containers, and waiting for them.

use machine::Sys;
use std::rc::Rc;
use std::time::Duration;

use machine::Signal;

use super::start;
use crate::daemon::Daemon;
use crate::disk;
use crate::error::{ApiError, ApiResult};
use crate::model::container::Container;
use crate::text::parse_signal;

/// How long a container has between the first signal and `SIGKILL`.
const GRACE: i64 = 10;
/// How often the end of a process is looked for while time runs out.
const LOOK: Duration = Duration::from_millis(50);

/// The signal by which a container is asked to end.
pub fn stop_signal(c: &Container) -> Signal {
    parse_signal(&c.config.borrow().stop_signal).unwrap_or(Signal::TERM)
}

fn send(d: &Daemon, c: &Container, signal: Signal) {
    let pid = c.state.borrow().pid;
    if let Some(pid) = pid {
        let _ = d.sys.kill(pid, Some(signal));
    }
    d.container_event(c, "kill", &[("signal", &signal.number().to_string())]);
}

/// Waits until the container does not run, at most so long.
async fn wait_stopped(sys: &Sys, c: &Container, at_most: Option<Duration>) -> bool {
    let end = at_most.map(|t| sys.now() + t);
    while c.is_running() {
        match end {
            Some(end) if sys.now() >= end => return false,
            Some(_) => drop(sys.sleep(LOOK).await),
            None => {
                if sys.wait_on(&c.changed).await.is_err() {
                    return false;
                }
            }
        }
    }
    true
}

fn thaw(sys: &Sys, c: &Container) {
    if c.state.borrow().paused
        && let Some(group) = c.cgroup.get()
    {
        let _ = sys.cgroup_freeze(group, false);
        c.state.borrow_mut().paused = false;
    }
}

/// `POST /containers/{id}/stop`
pub async fn stop(d: &Rc<Daemon>, c: &Rc<Container>, seconds: Option<i64>, signal: Option<&str>) -> ApiResult<()> {
    if !c.is_running() {
        c.stopped_by_hand.set(true);
        let waiting = std::mem::take(&mut c.state.borrow_mut().restarting);
        return if waiting { Ok(()) } else { Err(ApiError::not_modified()) };
    }
    let (configured, own_timeout) = {
        let config = c.config.borrow();
        (config.stop_signal.clone(), config.stop_timeout)
    };
    let name = signal.filter(|s| !s.is_empty()).unwrap_or(&configured);
    let first = if name.is_empty() { Signal::TERM } else { parse_signal(name)? };
    c.stopped_by_hand.set(true);
    end_run(d, c, first, seconds.or(own_timeout).unwrap_or(GRACE)).await;
    d.container_event(c, "stop", &[]);
    Ok(())
}

/// Sends the first signal, and `SIGKILL` when so many seconds were not enough (negative: never).
pub async fn end_run(d: &Rc<Daemon>, c: &Rc<Container>, first: Signal, seconds: i64) {
    send(d, c, first);
    // A frozen process takes no signal before it is killed.
    let patience = (seconds >= 0).then(|| Duration::from_secs(seconds as u64));
    if !wait_stopped(&d.sys, c, patience).await {
        thaw(&d.sys, c);
        send(d, c, Signal::KILL);
        wait_stopped(&d.sys, c, None).await;
    }
}

/// `POST /containers/{id}/kill`
pub async fn kill(d: &Rc<Daemon>, c: &Rc<Container>, named: &str, signal: Option<&str>) -> ApiResult<()> {
    let signal = match signal {
        Some(text) if !text.is_empty() => parse_signal(text).map_err(|error| {
            let why = match text.parse::<u16>() {
                Ok(number) if number > 0 => format!("the linux daemon does not support signal {number}"),
                _ => error.message,
            };
            ApiError { message: format!("cannot kill container: {named}: {why}"), ..error }
        })?,
        _ => Signal::KILL,
    };
    if !c.is_running() {
        return Err(ApiError::conflict(format!("cannot kill container: {named}: container {} is not running", c.id)));
    }
    let ends = signal == Signal::KILL || stop_signal(c) == signal;
    if ends {
        c.stopped_by_hand.set(true);
    }
    if signal == Signal::KILL {
        thaw(&d.sys, c);
    }
    send(d, c, signal);
    if signal == Signal::KILL {
        wait_stopped(&d.sys, c, Some(Duration::from_secs(10))).await;
    }
    Ok(())
}

/// `POST /containers/{id}/restart`
pub async fn restart(d: &Rc<Daemon>, c: &Rc<Container>, seconds: Option<i64>, signal: Option<&str>) -> ApiResult<()> {
    if c.is_running() {
        // A container that goes away when it ends must live through this.
        let auto_remove = std::mem::take(&mut c.host.borrow_mut().auto_remove);
        let stopped = stop(d, c, seconds, signal).await;
        c.host.borrow_mut().auto_remove = auto_remove;
        stopped?;
    }
    match start::start(d, c).await {
        Err(error) if error.status == 304 => {}
        other => other?,
    }
    d.container_event(c, "restart", &[]);
    Ok(())
}

/// `POST /containers/{id}/pause`
pub fn pause(d: &Rc<Daemon>, c: &Rc<Container>) -> ApiResult<()> {
    let (running, paused) = {
        let state = c.state.borrow();
        (state.running, state.paused)
    };
    if !running {
        return Err(ApiError::conflict(format!("container {} is not running", c.id)));
    }
    if paused {
        return Err(ApiError::conflict(format!("Container {} is already paused", c.id)));
    }
    if let Some(group) = c.cgroup.get() {
        d.sys.cgroup_freeze(group, true)?;
    }
    c.state.borrow_mut().paused = true;
    d.container_event(c, "pause", &[]);
    disk::containers::save(&d.sys, c);
    Ok(())
}

/// `POST /containers/{id}/unpause`
pub fn unpause(d: &Rc<Daemon>, c: &Rc<Container>) -> ApiResult<()> {
    if !c.state.borrow().paused {
        return Err(ApiError::conflict(format!("Container {} is not paused", c.id)));
    }
    thaw(&d.sys, c);
    d.container_event(c, "unpause", &[]);
    disk::containers::save(&d.sys, c);
    Ok(())
}

/// For what `POST /containers/{id}/wait` waits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Condition {
    /// It does not run now, or no more.
    NotRunning,
    /// Its next end.
    NextExit,
    /// It is gone.
    Removed,
}

/// Waits; gives the exit status.
pub async fn wait(sys: &Sys, c: &Rc<Container>, condition: Condition, seen: u64) -> (i64, String) {
    loop {
        let over = match condition {
            Condition::NotRunning => !c.is_running() && !c.busy.get(),
            Condition::NextExit => c.exits.get() != seen,
            Condition::Removed => c.removed.get(),
        };
        if over || sys.wait_on(&c.changed).await.is_err() {
            let state = c.state.borrow();
            return (state.exit_code, state.error.clone());
        }
    }
}
