//! Starting containers, and what happens when their process ends.

use std::rc::Rc;
use std::time::Duration;

use docker_api::stdcopy::Stream;
use docker_api::types::Ulimit;
use machine::fs::{MountFlags, MountKind, OpenFlags};
use machine::net::NetNamespaceId;
use machine::process::cgroup::{CgroupId, CgroupLimits};
use machine::process::{CloneFlags, WaitFor, WaitOptions};
use machine::tty::WindowSize;
use machine::{Fd, Pid, WaitStatus};

use super::runtime::{self, BoxSpec, Ends, Mounting, ProcessSpec};
use super::streams::Streams;
use super::{Container, cpuset, files, health, mounts, remove, user};
use crate::daemon::Daemon;
use crate::error::{ApiError, ApiResult};
use crate::networks::sandbox;

/// containerd, the shim and runc take this long to start a process.
const START_WORK: Duration = Duration::from_millis(190);
/// Cleaning up behind a process takes this long.
const EXIT_WORK: Duration = Duration::from_millis(90);
/// Paths for programs where neither image nor user says any.
const DEFAULT_PATH: &str = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// A container that ran longer than this gets its next restart without delay.
const STEADY: Duration = Duration::from_secs(10);

/// Mounts a container's file system on the host, as long as anybody needs it.
pub fn mount(d: &Daemon, c: &Container) -> ApiResult<()> {
    if c.mounted.get() == 0 {
        let kind = MountKind::Overlay { lower: c.rootfs.lower.clone(), upper: Some(c.rootfs.path("diff")) };
        d.sys.mount(&c.rootfs.path("merged"), kind, MountFlags::default())?;
    }
    c.mounted.set(c.mounted.get() + 1);
    Ok(())
}

/// The counterpart of [`mount`].
pub fn unmount(d: &Daemon, c: &Container) {
    c.mounted.set(c.mounted.get().saturating_sub(1));
    if c.mounted.get() == 0 {
        let _ = d.sys.umount(&c.rootfs.path("merged"));
    }
}

/// The environment of a process in a container: defaults, then what was configured.
pub fn environment(d: &Daemon, c: &Container, tty: bool, more: &[String]) -> Vec<String> {
    let config = c.config.borrow();
    let mut env = vec![DEFAULT_PATH.to_string(), format!("HOSTNAME={}", config.hostname)];
    if tty {
        env.push("TERM=xterm".into());
    }
    env.extend(d.networks.link_environment(d, c));
    for variable in config.env.iter().flatten().chain(more) {
        let key = variable.split('=').next().unwrap_or("");
        let at = env.iter().position(|e| e.split('=').next() == Some(key));
        match (at, variable.contains('=')) {
            (Some(at), true) => env[at].clone_from(variable),
            (None, true) => env.push(variable.clone()),
            (Some(at), false) => drop(env.remove(at)),
            (None, false) => {}
        }
    }
    env
}

fn open_files(ulimits: Option<&Vec<Ulimit>>) -> Option<u64> {
    ulimits?.iter().find(|u| u.name == "nofile").and_then(|u| u64::try_from(u.soft).ok())
}

fn no_mount_flags() -> MountFlags {
    MountFlags { no_exec: true, no_suid: true, no_dev: true, ..MountFlags::default() }
}

/// A file system in memory with options like `size=64m,mode=700,exec`.
fn tmpfs(options: &str) -> (MountKind, MountFlags) {
    let (mut size, mut mode, mut flags) = (None, 0o1777, no_mount_flags());
    for option in options.split(',') {
        match option.split_once('=').unwrap_or((option, "")) {
            ("size", text) => size = docker_api::units::ram_in_bytes(text).ok().and_then(|s| u64::try_from(s).ok()),
            ("mode", text) => mode = u32::from_str_radix(text, 8).unwrap_or(mode),
            ("ro", _) => flags.read_only = true,
            ("rw", _) => flags.read_only = false,
            ("exec", _) => flags.no_exec = false,
            ("suid", _) => flags.no_suid = false,
            ("dev", _) => flags.no_dev = false,
            _ => {}
        }
    }
    (MountKind::NamedTmpfs { source: "tmpfs", fstype: "tmpfs", size, mode }, flags)
}

/// All that is mounted into a container, in order.
fn mountings(d: &Daemon, c: &Container) -> Vec<Mounting> {
    let host = c.host.borrow();
    let at = |target: &str, kind: MountKind, flags: MountFlags| Mounting { target: target.into(), kind, flags };
    let plain = MountFlags::default();
    let memory = |source, fstype, size, mode| MountKind::NamedTmpfs { source, fstype, size, mode };
    let mut list = vec![
        at("/proc", MountKind::Proc, no_mount_flags()),
        at(
            "/dev",
            memory("tmpfs", "tmpfs", Some(64 << 20), 0o755),
            MountFlags { no_suid: true, strict_atime: true, ..plain },
        ),
        at("/dev/pts", MountKind::Devpts, MountFlags { no_suid: true, no_exec: true, ..plain }),
        at("/sys", MountKind::Sysfs, MountFlags { read_only: !host.privileged, ..no_mount_flags() }),
        at("/dev/mqueue", memory("mqueue", "mqueue", None, 0o1777), no_mount_flags()),
        at("/dev/shm", memory("shm", "tmpfs", u64::try_from(host.shm_size).ok(), 0o1777), no_mount_flags()),
    ];
    let bind = |source: String| MountKind::Bind { source, recursive: true };
    for (name, target) in [("resolv.conf", "/etc/resolv.conf"), ("hostname", "/etc/hostname"), ("hosts", "/etc/hosts")]
    {
        list.push(at(target, bind(format!("{}/{name}", c.dir())), plain));
    }
    for (target, options) in host.tmpfs.iter().flatten() {
        let (kind, flags) = tmpfs(options);
        list.push(at(target, kind, flags));
    }
    for point in c.mounts.borrow().iter() {
        let flags = MountFlags { read_only: !point.rw, ..plain };
        let (kind, flags) = match point.kind.as_str() {
            "tmpfs" => tmpfs(&mounts::tmpfs_options(&host, &point.destination)),
            _ => (bind(point.source.clone()), flags),
        };
        list.push(at(&point.destination, kind, flags));
    }
    for device in host.devices.iter().flatten() {
        list.push(at(&device.path_in_container, bind(device.path_on_host.clone()), plain));
    }
    let _ = d;
    // Parents before what lies below them.
    list[6..].sort_by(|a, b| {
        a.target.matches('/').count().cmp(&b.target.matches('/').count()).then(a.target.cmp(&b.target))
    });
    list
}

/// What root may do in a container, a bit for each capability.
pub fn capabilities(c: &Container) -> u64 {
    let host = c.host.borrow();
    user::capabilities(host.cap_add.as_deref().unwrap_or(&[]), host.cap_drop.as_deref().unwrap_or(&[]))
}

/// Whether `--security-opt no-new-privileges` was given.
pub fn no_new_privileges(c: &Container) -> bool {
    let host = c.host.borrow();
    let mut options = host.security_opt.iter().flatten().map(|o| o.replacen(':', "=", 1));
    options.any(|o| o == "no-new-privileges" || o == "no-new-privileges=true")
}

/// The limits of a container's control group.
pub fn limits(c: &Container) -> CgroupLimits {
    let host = c.host.borrow();
    let positive = |n: i64| u64::try_from(n).ok().filter(|n| *n > 0).unwrap_or(u64::MAX);
    CgroupLimits {
        memory: positive(host.memory),
        processes: positive(host.pids_limit.unwrap_or(0)),
        cpu_millis: if host.nano_cpus > 0 { host.nano_cpus as u64 / 1_000_000 } else { u64::MAX },
        cpuset: cpuset::parse(&host.cpuset_cpus).unwrap_or(CgroupLimits::default().cpuset),
    }
}

/// `POST /containers/{id}/start`
pub async fn start(d: &Rc<Daemon>, c: &Rc<Container>) -> ApiResult<()> {
    let _busy = c.lock(d).await;
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
            state.exit_code = match exit_code_of(&error.message) {
                // What went wrong before the runtime leaves the status of the last run.
                128 if state.exit_code != 0 => state.exit_code,
                code => code,
            };
        }
        c.exits.set(c.exits.get() + 1);
        c.changed.wake();
        c.save(d);
        if c.host.borrow().auto_remove {
            remove::discard(d, c);
        }
    }
    result
}

/// The exit status that a failure to start stands for.
pub fn exit_code_of(message: &str) -> i64 {
    let lower = message.to_lowercase();
    let has = |text: &str| lower.contains(text);
    match () {
        () if has("is a directory") || has("permission denied") => 126,
        () if has("executable file not found") || has("no such file or directory") || has("system cannot find") => 127,
        () => 128,
    }
}

async fn try_launch(d: &Rc<Daemon>, c: &Rc<Container>) -> ApiResult<()> {
    mount(d, c)?;
    let launched = launch_mounted(d, c).await;
    if launched.is_err() {
        unmount(d, c);
        if let Some(group) = c.cgroup.take() {
            d.sys.cgroup_remove(group);
        }
    }
    launched
}

async fn launch_mounted(d: &Rc<Daemon>, c: &Rc<Container>) -> ApiResult<()> {
    mounts::make_sources(d, c)?;
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
    let internal = c.endpoints.borrow().keys().any(|n| !matches!(n.as_str(), "bridge" | "host" | "none"));
    files::write(d, c, internal)?;
    let user = user::find(&d.sys, &c.rootfs.path("merged"), &spec_user, &groups)?;
    let group = d.sys.cgroup_create(limits(c))?;
    c.cgroup.set(Some(group));
    let process = process_spec(d, c, user);
    let own = box_spec(d, c, sandbox.ns, group);
    let _ = d.sys.sleep(START_WORK).await;
    let streams = c.streams.borrow().clone();
    let (tty, stdin) = (process.tty.is_some(), c.config.borrow().open_stdin);
    let beside = pid_neighbour(d, c)?;
    let own_pids = c.host.borrow().pid_mode != "host";
    let flags = CloneFlags { pid: own_pids, mount: true, net: false, uts: true };
    let log = Some(c.log.clone());
    let spawned = spawn(d, &streams, tty, stdin, log, |sys, ends| {
        let init = move |child| runtime::init(child, process, own, ends);
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
    c.save(d);
    c.event(d, "start", &[]);
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

/// What runs in the container, as whom and with what around it.
fn process_spec(d: &Daemon, c: &Container, user: user::User) -> ProcessSpec {
    let (config, host) = (c.config.borrow(), c.host.borrow());
    let mut args = vec![c.path.clone()];
    args.extend(c.args.iter().cloned());
    if host.init == Some(true) {
        args.splice(0..0, ["/sbin/docker-init".to_string(), "--".to_string()]);
    }
    let size = WindowSize { columns: host.console_size[1] as u16, rows: host.console_size[0] as u16 };
    ProcessSpec {
        args,
        env: environment(d, c, config.tty, &[]),
        cwd: config.working_dir.clone(),
        user,
        tty: config.tty.then_some(size),
        privileged: host.privileged,
        capabilities: capabilities(c),
        no_new_privileges: no_new_privileges(c),
        open_files: open_files(host.ulimits.as_ref()),
    }
}

/// The box that it runs in.
fn box_spec(d: &Daemon, c: &Container, ns: NetNamespaceId, cgroup: CgroupId) -> BoxSpec {
    let (config, host) = (c.config.borrow(), c.host.borrow());
    let mut mounts = mountings(d, c);
    if host.init == Some(true) {
        let kind = MountKind::Bind { source: "/usr/bin/docker-init".into(), recursive: false };
        mounts.push(Mounting {
            target: "/sbin/docker-init".into(),
            kind,
            flags: MountFlags { read_only: true, ..MountFlags::default() },
        });
    }
    let hostname = (host.network_mode != "host" && host.uts_mode != "host").then(|| config.hostname.clone());
    BoxSpec { rootfs: c.rootfs.path("merged"), mounts, hostname, ns, cgroup, read_only: host.readonly_rootfs }
}

/// Clones a process, connects its streams, and waits until it runs its program or says why not.
pub async fn spawn(
    d: &Rc<Daemon>,
    streams: &Rc<Streams>,
    tty: bool,
    stdin: bool,
    log: Option<Rc<super::logs::Logger>>,
    clone: impl FnOnce(&machine::Sys, Ends) -> machine::SysResult<Pid>,
) -> Result<Pid, String> {
    let sys = &d.sys;
    let plain = |e: machine::Errno| crate::error::go_errno(e);
    let null = sys.open("/dev/null", OpenFlags::READ_WRITE.cloexec(), 0).await.map_err(plain)?;
    let (report, child_report) = sys.pipe(true).map_err(plain)?;
    let (child_go, go) = sys.pipe(true).map_err(plain)?;
    let mut stdio = [null; 3];
    let (mut input, mut outputs) = (None, Vec::new());
    if !tty {
        if stdin {
            let (read, write) = sys.pipe(true).map_err(plain)?;
            stdio[0] = read;
            input = Some(write);
        }
        for (i, stream) in [(1, Stream::Stdout), (2, Stream::Stderr)] {
            let (read, write) = sys.pipe(true).map_err(plain)?;
            stdio[i] = write;
            outputs.push((read, stream));
        }
    }
    let pid = clone(sys, Ends { stdio, report: child_report, go: child_go });
    for fd in stdio.into_iter().filter(|fd| *fd != null).chain([null, child_report, child_go]) {
        let _ = sys.close(fd);
    }
    let result = match pid {
        Ok(pid) => listen(d, streams, pid, report, go, stdin).await.map(|()| pid),
        Err(error) => Err(plain(error)),
    };
    let _ = sys.close(report);
    let _ = sys.close(go);
    match &result {
        Ok(_) => {
            if let Some(fd) = input {
                streams.connect_stdin(fd);
            }
            for (fd, stream) in outputs {
                streams.pump(sys, fd, stream, log.clone());
            }
            if let Some(master) = streams.master.get() {
                streams.pump(sys, master, Stream::Stdout, log);
            }
        }
        Err(_) => {
            for fd in outputs.into_iter().map(|(fd, _)| fd).chain(input).chain(streams.master.take()) {
                let _ = sys.close(fd);
            }
            if let Ok(pid) = pid {
                let _ = sys.waitpid(WaitFor::Process(pid), WaitOptions::default()).await;
            }
        }
    }
    result
}

/// Reads what the child reports until it runs its program.
async fn listen(d: &Daemon, streams: &Streams, pid: Pid, report: Fd, go: Fd, stdin: bool) -> Result<(), String> {
    let mut text = String::new();
    loop {
        let data = d.sys.read_vec(report, 4096).await.unwrap_or_default();
        text.push_str(&machine::text::from_bytes(&data));
        if let Some(rest) = text.strip_prefix("master ")
            && let Some((number, rest)) = rest.split_once('\n')
        {
            let fd = number.parse().map(Fd).map_err(|_| "bad report".to_string())?;
            let master = d.sys.fetch_fd(pid, fd).map_err(crate::error::go_errno)?;
            streams.master.set(Some(master));
            if stdin && let Ok(fd) = d.sys.dup(master, Fd(3), true) {
                streams.connect_stdin(fd);
            }
            let _ = d.sys.write_all(go, b"g").await;
            text = rest.to_string();
        }
        if text.starts_with("started\n") {
            return Ok(());
        }
        if data.is_empty() {
            return Err(text
                .strip_prefix("error ")
                .unwrap_or("the process ended before it ran its program")
                .to_string());
        }
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
    let busy = c.lock(d).await;
    let streams = c.streams.borrow().clone();
    streams.close_stdin(&d.sys);
    streams.drained(&d.sys).await;
    streams.master.set(None);
    let group = c.cgroup.take();
    let killed = group.is_some_and(|g| d.sys.cgroup_usage(g).oom_kills > 0);
    if killed {
        c.event(d, "oom", &[]);
    }
    if let Some(group) = group {
        d.sys.cgroup_remove(group);
    }
    let _ = d.sys.sleep(EXIT_WORK).await;
    health::stop(c);
    sandbox::close(d, c);
    unmount(d, c);
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
    c.event(d, "die", &[("execDuration", &ran.as_secs().to_string()), ("exitCode", &code.to_string())]);
    c.exits.set(c.exits.get() + 1);
    let again = !d.shutting_down.get() && wants_restart(c, code);
    c.state.borrow_mut().restarting = again;
    c.ending.set(false);
    streams.end();
    c.changed.wake();
    drop(busy);
    if again {
        restart_later(d, c, ran);
        return;
    }
    c.save(d);
    if c.host.borrow().auto_remove && !c.removed.get() {
        let _ = remove::remove(d, c, true, true).await;
    }
}

/// Whether the restart policy wants the container back.
fn wants_restart(c: &Container, code: i64) -> bool {
    let host = c.host.borrow();
    let policy = &host.restart_policy;
    if c.stopped_by_hand.get() || c.removed.get() {
        return false;
    }
    match policy.name.as_str() {
        "always" | "unless-stopped" => true,
        "on-failure" => retries_left(c, code),
        _ => false,
    }
}

/// Whether the policy `on-failure` starts a container again that ended so.
pub fn retries_left(c: &Container, code: i64) -> bool {
    let most = c.host.borrow().restart_policy.maximum_retry_count;
    code != 0 && (most == 0 || c.restarts.get() < most)
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
        let busy = c.lock(&d).await;
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

#[cfg(test)]
mod tests {
    use super::exit_code_of;

    #[test]
    fn failures_have_exit_codes() {
        assert_eq!(exit_code_of("exec: \"x\": executable file not found in $PATH"), 127);
        assert_eq!(exit_code_of("exec: \"/x\": stat /x: no such file or directory"), 127);
        assert_eq!(exit_code_of("exec: \"/etc\": is a directory: permission denied"), 126);
        assert_eq!(exit_code_of("Bind for 0.0.0.0:80 failed"), 128);
    }
}
