//! `docker exec`: further processes in a running container.

use machine::Sys;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use docker_api::types::{ExecConfig, ExecInspect, ExecProcess, ExecStart};
use machine::process::{WaitFor, WaitOptions};
use machine::tty::WindowSize;
use machine::{Pid, WaitQueue, WaitStatus};

use super::spec;
use crate::daemon::Daemon;
use crate::error::{ApiError, ApiResult};
use crate::http::Reply;
use crate::ids;
use crate::model::container::Container;
use crate::model::exec::Exec;
use crate::runtime::init::{self, ProcessSpec};
use crate::runtime::streams::{self, Attach};
use crate::runtime::{shim, user};

/// The shim and runc take this long to start one more process.
const WORK: Duration = Duration::from_millis(70);

/// `POST /containers/{id}/exec`
pub fn create(d: &Rc<Daemon>, c: &Rc<Container>, named: &str, config: ExecConfig) -> ApiResult<String> {
    check_running(c, named)?;
    if config.cmd.as_ref().is_none_or(Vec::is_empty) {
        return Err(ApiError::bad("No exec command specified"));
    }
    if !config.user.is_empty() {
        user::find(&d.sys, &c.rootfs.path("merged"), &config.user, &[])?;
    }
    let id = ids::new_id(&d.sys);
    let command = config.cmd.clone().unwrap_or_default().join(" ");
    let exec = Rc::new(Exec {
        id: id.clone(),
        container: c.clone(),
        config,
        streams: Rc::default(),
        pid: Cell::default(),
        exit_code: Cell::default(),
        running: Cell::default(),
        ended: WaitQueue::new(),
        started: Cell::default(),
        size: RefCell::default(),
    });
    d.execs.borrow_mut().insert(id.clone(), exec);
    c.execs.borrow_mut().push(id.clone());
    d.container_event(c, &format!("exec_create: {command} "), &[("execID", &id)]);
    Ok(id)
}

fn check_running(c: &Container, named: &str) -> ApiResult<()> {
    let state = c.state.borrow();
    if !state.running {
        return Err(ApiError::conflict(format!("container {} is not running", c.id)));
    }
    if state.paused {
        return Err(ApiError::conflict(format!("Container {named} is paused, unpause the container before exec")));
    }
    if state.restarting {
        return Err(ApiError::conflict(format!(
            "Container {named} is restarting, wait until the container is running"
        )));
    }
    Ok(())
}

/// An exec by its id.
pub fn find(d: &Daemon, id: &str) -> ApiResult<Rc<Exec>> {
    d.execs.borrow().get(id).cloned().ok_or_else(|| ApiError::not_found(format!("No such exec instance: {id}")))
}

/// `POST /exec/{id}/start`
pub async fn start(d: &Rc<Daemon>, exec: &Rc<Exec>, body: &ExecStart, reply: &mut Reply) -> ApiResult<()> {
    if exec.started.replace(true) {
        return Err(ApiError::conflict(format!("exec command {} is already running", exec.id)));
    }
    check_running(&exec.container, &exec.container.name.borrow())?;
    if let Some([rows, columns]) = body.console_size.or(exec.config.console_size) {
        exec.size.replace(Some(WindowSize { columns: columns as u16, rows: rows as u16 }));
    }
    if body.detach {
        run(d, exec).await.map_err(|why| {
            ApiError::bad(format!("OCI runtime exec failed: exec failed: unable to start container process: {why}"))
        })?;
        return reply.empty(200).await;
    }
    let config = &exec.config;
    let keys = streams::parse_keys(&config.detach_keys).map_err(ApiError::bad)?;
    let kind = if config.tty { docker_api::http::RAW_STREAM } else { docker_api::http::MULTIPLEXED_STREAM };
    let follower = exec.streams.follow(config.attach_stdout, config.attach_stderr);
    let client = reply.hijack(kind).await?;
    if let Err(why) = run(d, exec).await {
        // The connection is a stream by now: the error is part of it.
        let text = format!("OCI runtime exec failed: exec failed: unable to start container process: {why}");
        let text = if config.tty { format!("{text}\r\n") } else { format!("{text}\n") };
        let data = text.into_bytes();
        let data =
            if config.tty { data } else { docker_api::stdcopy::encode(docker_api::stdcopy::Stream::Stderr, &data) };
        let _ = d.sys.write_all(client.fd, &data).await;
        return Ok(());
    }
    let how = Attach {
        stdin: config.attach_stdin,
        detach_keys: if config.tty { keys } else { Vec::new() },
        tty: config.tty,
        close_stdin: true,
    };
    streams::attach(&d.sys, client, &exec.streams, follower, how).await;
    Ok(())
}

/// Starts the process; the error is the runtime's.
pub async fn run(d: &Rc<Daemon>, exec: &Rc<Exec>) -> Result<(), String> {
    let (c, config) = (&exec.container, &exec.config);
    let command = config.cmd.clone().unwrap_or_default();
    d.container_event(c, &format!("exec_start: {} ", command.join(" ")), &[("execID", &exec.id)]);
    let spec_user = if config.user.is_empty() { c.config.borrow().user.clone() } else { config.user.clone() };
    let fail = |why: String| {
        exec.exit_code.set(Some(shim::exit_code_of(&why)));
        exec.streams.end();
        exec.ended.wake();
        why
    };
    let user = user::find(&d.sys, &c.rootfs.path("merged"), &spec_user, &[]).map_err(|e| fail(e.message))?;
    let size = exec.size.borrow().unwrap_or(WindowSize { columns: 80, rows: 24 });
    let working_dir =
        if config.working_dir.is_empty() { c.config.borrow().working_dir.clone() } else { config.working_dir.clone() };
    let spec = ProcessSpec {
        args: command,
        env: spec::environment(d, c, config.tty, config.env.as_deref().unwrap_or(&[])),
        cwd: working_dir,
        user,
        tty: config.tty.then_some(size),
        privileged: config.privileged || c.host.borrow().privileged,
        capabilities: spec::capabilities(c),
        no_new_privileges: spec::no_new_privileges(c),
        open_files: None,
    };
    let _ = d.sys.sleep(WORK).await;
    let Some(target) = c.state.borrow().pid else {
        return Err(fail("cannot exec in a stopped container".into()));
    };
    let spawned = shim::spawn(&d.sys, &exec.streams, config.tty, config.attach_stdin, None, |sys, ends| {
        sys.enter_process(target, move |child| init::run(child, spec, ends))
    })
    .await;
    let pid = spawned.map_err(fail)?;
    exec.pid.set(Some(pid));
    exec.running.set(true);
    let (daemon, exec) = (d.clone(), exec.clone());
    d.sys.thread(async move { watch(daemon, exec, pid).await });
    Ok(())
}

async fn watch(d: Rc<Daemon>, exec: Rc<Exec>, pid: Pid) {
    let code = match d.sys.waitpid(WaitFor::Process(pid), WaitOptions::default()).await {
        Ok(Some((_, status @ (WaitStatus::Exited(_) | WaitStatus::Signaled(_))))) => i64::from(status.code()),
        _ => 255,
    };
    exec.streams.close_stdin(&d.sys);
    exec.exit_code.set(Some(code));
    exec.running.set(false);
    exec.pid.set(None);
    exec.ended.wake();
    d.container_event(&exec.container, "exec_die", &[("execID", &exec.id), ("exitCode", &code.to_string())]);
    exec.container.execs.borrow_mut().retain(|id| *id != exec.id);
    // Who started it may still ask how it ended.
    let _ = d.sys.sleep(Duration::from_secs(300)).await;
    d.execs.borrow_mut().remove(&exec.id);
}

/// `POST /exec/{id}/resize`
pub fn resize(sys: &Sys, exec: &Exec, size: WindowSize) -> ApiResult<()> {
    exec.size.replace(Some(size));
    if let Some(master) = exec.streams.master.get() {
        sys.set_winsize(master, size)?;
    }
    Ok(())
}

/// `GET /exec/{id}/json`
pub fn inspect(exec: &Exec) -> ExecInspect {
    let command = exec.config.cmd.clone().unwrap_or_default();
    ExecInspect {
        id: exec.id.clone(),
        running: exec.running.get(),
        exit_code: exec.exit_code.get(),
        process_config: ExecProcess {
            tty: exec.config.tty,
            entrypoint: command.first().cloned().unwrap_or_default(),
            arguments: command.get(1..).unwrap_or_default().to_vec(),
            privileged: exec.config.privileged,
            user: exec.config.user.clone(),
        },
        open_stdin: exec.config.attach_stdin,
        open_stderr: exec.config.attach_stderr,
        open_stdout: exec.config.attach_stdout,
        can_remove: exec.exit_code.get().is_some(),
        container_id: exec.container.id.clone(),
        detach_keys: Vec::new(),
        pid: exec.pid.get().map_or(0, |p| i64::from(p.0)),
    }
}
