//! Starting containers, and what happens when their process ends.

use std::rc::Rc;
use std::time::Duration;

use machine::process::{CloneFlags, WaitFor, WaitOptions};
use machine::{Pid, WaitStatus};

use super::{health, mounts, policy, remove, rootfs, spec};
use crate::daemon::Daemon;
use crate::disk;
use crate::error::{ApiError, ApiResult};
use crate::model::container::Container;
use crate::networks::{files, sandbox};
use crate::runtime::streams::Streams;
use crate::runtime::{init, shim, user};

/// containerd, the shim and runc take this long to start a process.
const START_WORK: Duration = Duration::from_millis(190);
/// Cleaning up behind a process takes this long.
const EXIT_WORK: Duration = Duration::from_millis(90);
/// A container that ran longer than this gets its next restart without delay.
const STEADY: Duration = Duration::from_secs(10);

/// `POST /containers/{id}/start`
pub async fn start(d: &Rc<Daemon>, c: &Rc<Container>) -> ApiResult<()> {
    let _busy = c.lock(&d.sys).await;
    {
        let state = c.state.borrow();
        if state.paused {
            return Err(ApiError::conflict("cannot start a paused container, try unpause instead"));
        }
        if state.running {
            return Err(ApiError::not_modified());
        }
        if state.removing || c.removed.get() {
            return Err(ApiError::conflict("container is marked for removal and cannot be started"));
        }
    }
    c.stopped_by_hand.set(false);
    c.restarts.set(0);
    launch(d, c).await
}

/// Starts the process; on failure the state says why.
async fn launch(d: &Rc<Daemon>, c: &Rc<Container>) -> ApiResult<()> {
    let result = try_launch(d, c).await;
    if let Err(error) = &result {
        sandbox::close(d, c);
        c.streams.borrow().end();
        *c.streams.borrow_mut() = Rc::new(Streams::default());
        {
            let mut state = c.state.borrow_mut();
            state.error.clone_from(&error.message);
            state.restarting = false;
            state.exit_code = match shim::exit_code_of(&error.message) {
                // What went wrong before the runtime leaves the status of the last run.
                128 if state.exit_code != 0 => state.exit_code,
                code => code,
            };
        }
        c.exits.set(c.exits.get() + 1);
        c.changed.wake();
        disk::containers::save(&d.sys, c);
        if c.host.borrow().auto_remove {
            remove::discard(d, c);
        }
    }
    result
}

async fn try_launch(d: &Rc<Daemon>, c: &Rc<Container>) -> ApiResult<()> {
    mounts::mount_volumes(d, c)?;
    if let Err(error) = rootfs::mount(&d.sys, c) {
        mounts::unmount_volumes(d, c);
        return Err(error);
    }
    let launched = launch_mounted(d, c).await;
    if launched.is_err() {
        rootfs::unmount(&d.sys, c);
        mounts::unmount_volumes(d, c);
        if let Some(group) = c.cgroup.take() {
            d.sys.cgroup_remove(group);
        }
    }
    launched
}

async fn launch_mounted(d: &Rc<Daemon>, c: &Rc<Container>) -> ApiResult<()> {
    mounts::make_sources(&d.sys, c)?;
    if c.host.borrow().device_requests.as_ref().is_some_and(|list| !list.is_empty()) {
        // There is no device but those of every machine.
        return Err(ApiError::internal("could not select device driver \"\" with capabilities: [[gpu]]"));
    }
    for device in c.host.borrow().devices.iter().flatten() {
        if let Err(error) = d.sys.stat(&device.path_on_host) {
            return Err(ApiError::bad(format!(
                "error gathering device information while adding custom device \"{}\": {}",
                device.path_on_host,
                crate::error::go_errno(error)
            )));
        }
    }
    let (spec_user, groups) = (c.config.borrow().user.clone(), c.host.borrow().group_add.clone().unwrap_or_default());
    let sandbox = sandbox::open(d, c)?;
    files::write(d, c)?;
    let user = user::find(&d.sys, &c.rootfs.path("merged"), &spec_user, &groups)?;
    let group = d.sys.cgroup_create(spec::limits(c))?;
    c.cgroup.set(Some(group));
    let process = spec::process_spec(d, c, user);
    let own = spec::box_spec(c, sandbox.ns, group);
    let _ = d.sys.sleep(START_WORK).await;
    let streams = c.streams.borrow().clone();
    let (tty, stdin) = (process.tty.is_some(), c.config.borrow().open_stdin);
    let beside = pid_neighbour(d, c)?;
    let own_pids = c.host.borrow().pid_mode != "host";
    let flags = CloneFlags { pid: own_pids, mount: true, net: false, uts: true };
    let log = Some(c.log.clone());
    let spawned = shim::spawn(&d.sys, &streams, tty, stdin, log, |sys, ends| {
        let init = move |child| init::init(child, process, own, ends);
        match beside {
            Some(other) => sys.clone_beside(other, flags, init),
            None => sys.clone_process(flags, init),
        }
    })
    .await;
    let pid = spawned.map_err(|why| {
        ApiError::bad(format!(
            "failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: {why}"
        ))
    })?;
    {
        let mut state = c.state.borrow_mut();
        state.running = true;
        state.restarting = false;
        state.paused = false;
        state.oom_killed = false;
        state.pid = Some(pid);
        state.exit_code = 0;
        state.error.clear();
        state.started = Some(d.sys.wall_clock());
    }
    disk::containers::save(&d.sys, c);
    d.container_event(c, "start", &[]);
    health::start(d, c);
    c.changed.wake();
    let (daemon, container) = (d.clone(), c.clone());
    d.sys.thread(async move { watch(daemon, container, pid).await });
    Ok(())
}

/// The process whose PID namespace `--pid container:…` joins.
fn pid_neighbour(d: &Daemon, c: &Container) -> ApiResult<Option<Pid>> {
    let mode = c.host.borrow().pid_mode.clone();
    let Some(name) = mode.strip_prefix("container:") else { return Ok(None) };
    let other = d.container(name)?;
    let pid = other.state.borrow().pid;
    match pid {
        Some(pid) => Ok(Some(pid)),
        None => Err(ApiError::conflict(format!("failed to join PID namespace: container {} is not running", other.id))),
    }
}

/// Waits for the end of a container's process.
async fn watch(d: Rc<Daemon>, c: Rc<Container>, pid: Pid) {
    let code = match d.sys.waitpid(WaitFor::Process(pid), WaitOptions::default()).await {
        Ok(Some((_, status @ (WaitStatus::Exited(_) | WaitStatus::Signaled(_))))) => i64::from(status.code()),
        _ => 255,
    };
    c.ending.set(true);
    ended(&d, &c, code).await;
}

async fn ended(d: &Rc<Daemon>, c: &Rc<Container>, code: i64) {
    let busy = c.lock(&d.sys).await;
    let streams = c.streams.borrow().clone();
    streams.close_stdin(&d.sys);
    streams.drained(&d.sys).await;
    streams.master.set(None);
    let group = c.cgroup.take();
    let killed = group.is_some_and(|g| d.sys.cgroup_usage(g).oom_kills > 0);
    if killed {
        d.container_event(c, "oom", &[]);
    }
    if let Some(group) = group {
        d.sys.cgroup_remove(group);
    }
    let _ = d.sys.sleep(EXIT_WORK).await;
    health::stop(c);
    sandbox::close(d, c);
    rootfs::unmount(&d.sys, c);
    mounts::unmount_volumes(d, c);
    let ran = {
        let mut state = c.state.borrow_mut();
        let now = d.sys.wall_clock();
        state.running = false;
        state.paused = false;
        state.pid = None;
        state.exit_code = code;
        state.oom_killed = killed && code != 0;
        state.finished = Some(now);
        Duration::from_nanos((now.0 - state.started.map_or(now.0, |s| s.0)).max(0) as u64)
    };
    *c.streams.borrow_mut() = Rc::new(Streams::default());
    d.container_event(c, "die", &[("execDuration", &ran.as_secs().to_string()), ("exitCode", &code.to_string())]);
    c.exits.set(c.exits.get() + 1);
    let again = !d.shutting_down.get() && policy::wants_restart(c, code);
    c.state.borrow_mut().restarting = again;
    c.ending.set(false);
    streams.end();
    c.changed.wake();
    drop(busy);
    if again {
        restart_later(d, c, ran);
        return;
    }
    disk::containers::save(&d.sys, c);
    if c.host.borrow().auto_remove && !c.removed.get() {
        let _ = remove::remove(d, c, true, true).await;
    }
}

/// Starts again after 100 ms, and twice as long each time that it does not last.
fn restart_later(d: &Rc<Daemon>, c: &Rc<Container>, ran: Duration) {
    let times = if ran >= STEADY { 0 } else { c.restarts.get().clamp(0, 9) as u32 };
    let delay = Duration::from_millis(100 * 2u64.pow(times)).min(Duration::from_secs(60));
    let (d, c) = (d.clone(), c.clone());
    let exits = c.exits.get();
    let sys = d.sys.clone();
    sys.thread(async move {
        let _ = d.sys.sleep(delay).await;
        let busy = c.lock(&d.sys).await;
        let still =
            c.state.borrow().restarting && c.exits.get() == exits && !c.stopped_by_hand.get() && !c.removed.get();
        if still {
            c.restarts.set(c.restarts.get() + 1);
            if launch(&d, &c).await.is_err() {
                c.state.borrow_mut().restarting = false;
            }
        }
        drop(busy);
    });
}
