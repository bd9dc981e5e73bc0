//! What runc does: the life of a container's process from `clone` to `execve`, and of further ones.

use machine::fs::{Access, FileKind, MountFlags, MountKind, SetAttr};
use machine::net::NetNamespaceId;
use machine::process::Disposition;
use machine::process::cgroup::CgroupId;
use machine::tty::WindowSize;
use machine::{Errno, ExitCode, Fd, Signal, Sys};

use super::user::User;
use crate::error::go_errno;
use crate::files::scope::scoped;
use crate::files::tree;

/// Something to mount below the root.
#[derive(Clone, Debug)]
pub struct Mounting {
    /// Where, as the container sees it.
    pub target: String,
    /// What.
    pub kind: MountKind,
    /// Restrictions.
    pub flags: MountFlags,
}

/// What to run.
#[derive(Clone, Debug, Default)]
pub struct ProcessSpec {
    /// Program and arguments.
    pub args: Vec<String>,
    /// Environment without `HOME`.
    pub env: Vec<String>,
    /// Working directory.
    pub cwd: String,
    /// Who runs it.
    pub user: User,
    /// On a terminal.
    pub tty: Option<WindowSize>,
    /// With all capabilities.
    pub privileged: bool,
    /// Those that it has otherwise.
    pub capabilities: u64,
    /// Programs that it runs cannot gain any.
    pub no_new_privileges: bool,
    /// The most open files, if limited.
    pub open_files: Option<u64>,
}

/// The box to run it in.
#[derive(Clone, Debug, Default)]
pub struct BoxSpec {
    /// The mounted file system.
    pub rootfs: String,
    /// In the order in which they are done.
    pub mounts: Vec<Mounting>,
    /// The host's name in it; `None`: the host's own.
    pub hostname: Option<String>,
    /// The network.
    pub ns: NetNamespaceId,
    /// The control group.
    pub cgroup: CgroupId,
    /// `/` cannot be written to.
    pub read_only: bool,
}

/// The child's ends of its standard streams and of the pipes to the daemon.
#[derive(Clone, Copy, Debug)]
pub struct Ends {
    /// Standard input, output, error; unused on a terminal.
    pub stdio: [Fd; 3],
    /// Where it reports.
    pub report: Fd,
    /// What tells it to go on.
    pub go: Fd,
}

/// runc is a Go program: this many threads of its own run before it becomes the container's process, or one more.
const INIT_THREADS: u32 = 5;
/// See [`INIT_THREADS`].
const EXEC_THREADS: u32 = 6;

/// The first process of a container.
pub async fn init(sys: Sys, spec: ProcessSpec, own: BoxSpec, ends: Ends) -> ExitCode {
    if let Err(why) = enter_box(&sys, &own).await {
        return give_up(&sys, ends.report, &why).await;
    }
    sys.pass_thread_numbers(INIT_THREADS);
    start(sys, spec, ends).await
}

/// One more process of a container, already in its namespaces.
pub async fn run(sys: Sys, spec: ProcessSpec, ends: Ends) -> ExitCode {
    sys.pass_thread_numbers(EXEC_THREADS);
    start(sys, spec, ends).await
}

async fn start(sys: Sys, spec: ProcessSpec, ends: Ends) -> ExitCode {
    match become_process(&sys, &spec, ends).await {
        Ok(path) => {
            let mut env = spec.env.clone();
            if !env.iter().any(|e| e.starts_with("HOME=")) {
                env.push(format!("HOME={}", spec.user.home));
            }
            let error = sys.execve(&path, spec.args.clone(), env).await;
            // By now the daemon believes that it runs: the error is the container's output.
            let text = format!("exec {path}: {}\n", go_errno(error));
            let _ = sys.write_all(Fd::STDERR, text.as_bytes()).await;
            ExitCode(255)
        }
        Err(why) => give_up(&sys, ends.report, &why).await,
    }
}

async fn give_up(sys: &Sys, report: Fd, why: &str) -> ExitCode {
    let _ = sys.write_all(report, format!("error {why}").as_bytes()).await;
    ExitCode(1)
}

async fn enter_box(sys: &Sys, own: &BoxSpec) -> Result<(), String> {
    let plain = |e: Errno| go_errno(e);
    sys.set_netns(own.ns).map_err(plain)?;
    sys.cgroup_enter(own.cgroup).map_err(plain)?;
    if let Some(name) = &own.hostname {
        sys.set_hostname(name).map_err(plain)?;
    }
    sys.umask(0);
    for mounting in &own.mounts {
        mount(sys, &own.rootfs, mounting)?;
        if mounting.target == "/dev" {
            fill_dev(sys, &format!("{}/dev", own.rootfs)).map_err(plain)?;
        }
    }
    if own.read_only {
        let kind = MountKind::Bind { source: own.rootfs.clone(), recursive: true };
        let flags = MountFlags { read_only: true, ..MountFlags::default() };
        sys.mount(&own.rootfs, kind, flags).map_err(plain)?;
    }
    sys.pivot_root(&own.rootfs)
        .map_err(|e| format!("error jailing process inside rootfs: pivot_root .: {}", go_errno(e)))?;
    sys.umask(0o022);
    Ok(())
}

fn mount(sys: &Sys, root: &str, mounting: &Mounting) -> Result<(), String> {
    let target = scoped(sys, root, &mounting.target);
    let source = match &mounting.kind {
        MountKind::Bind { source, .. } => Some(source.clone()),
        _ => None,
    };
    let to_file = source.as_ref().is_some_and(|s| sys.stat(s).is_ok_and(|a| !a.is_dir()));
    let existing = sys.stat(&target);
    if let (Some(source), Ok(attr)) = (&source, &existing)
        && attr.is_dir() == to_file
    {
        return Err(format!(
            "error mounting \"{source}\" to rootfs at \"{at}\": mount src={source}, dst={at}, dstFd=/proc/thread-self/fd/14, flags=MS_BIND|MS_REC: not a directory: Are you trying to mount a directory onto a file (or vice-versa)? Check if the specified host path exists and is the expected type",
            at = mounting.target
        ));
    }
    if existing.is_err() {
        make_mountpoint(sys, &target, to_file).map_err(|e| {
            format!(
                "error mounting \"{}\" to rootfs at \"{}\": create mountpoint for {} mount: {}",
                source.clone().unwrap_or_default(),
                mounting.target,
                mounting.target,
                go_errno(e)
            )
        })?;
    }
    sys.mount(&target, mounting.kind.clone(), mounting.flags).map_err(|e| {
        let source = source.unwrap_or_else(|| "none".into());
        format!("error mounting \"{source}\" to rootfs at \"{}\": {}", mounting.target, go_errno(e))
    })
}

fn make_mountpoint(sys: &Sys, path: &str, file: bool) -> Result<(), Errno> {
    let parent = path.rsplit_once('/').map_or("/", |(p, _)| p);
    if file {
        tree::make_dirs(sys, parent, 0o755)?;
        sys.put_file(path, Vec::new().into(), 0o755)
    } else {
        tree::make_dirs(sys, path, 0o755)
    }
}

/// The devices that every container has.
fn fill_dev(sys: &Sys, dev: &str) -> Result<(), Errno> {
    for (name, major, minor) in
        [("null", 1, 3), ("zero", 1, 5), ("full", 1, 7), ("random", 1, 8), ("urandom", 1, 9), ("tty", 5, 0)]
    {
        sys.mknod(&format!("{dev}/{name}"), 0o020_666, major, minor)?;
    }
    for (name, target) in [
        ("fd", "/proc/self/fd"),
        ("stdin", "/proc/self/fd/0"),
        ("stdout", "/proc/self/fd/1"),
        ("stderr", "/proc/self/fd/2"),
        ("ptmx", "pts/ptmx"),
        ("core", "/proc/kcore"),
    ] {
        sys.symlink(target, &format!("{dev}/{name}"))?;
    }
    Ok(())
}

/// Everything between the box and `execve`; gives the program's path.
async fn become_process(sys: &Sys, spec: &ProcessSpec, ends: Ends) -> Result<String, String> {
    let plain = |e: Errno| go_errno(e);
    let _ = sys.setsid();
    for number in 1..=64 {
        if let Some(signal) = Signal::from_number(number) {
            let _ = sys.sigaction(signal, Disposition::Default);
        }
    }
    // The report must survive the shuffling of the standard streams.
    let report = sys.dup(ends.report, Fd(10), true).map_err(plain)?;
    let go = sys.dup(ends.go, Fd(10), true).map_err(plain)?;
    if let Some(size) = spec.tty {
        let pty = sys.openpty(size).map_err(plain)?;
        let name = sys.ttyname(pty.slave).unwrap_or_default();
        let set = SetAttr { uid: Some(spec.user.uid), ..SetAttr::default() };
        let _ = sys.set_attr(&name, &set);
        let _ = sys.write_all(report, format!("master {}\n", pty.master.0).as_bytes()).await;
        let _ = sys.read_vec(go, 1).await;
        let _ = sys.close(pty.master);
        sys.set_controlling_tty(pty.slave).map_err(plain)?;
        for fd in [Fd::STDIN, Fd::STDOUT, Fd::STDERR] {
            sys.dup2(pty.slave, fd).map_err(plain)?;
        }
    } else {
        let high: Vec<Fd> =
            ends.stdio.iter().map(|fd| sys.dup(*fd, Fd(10), true)).collect::<Result<_, _>>().map_err(plain)?;
        for (fd, from) in [Fd::STDIN, Fd::STDOUT, Fd::STDERR].into_iter().zip(high) {
            sys.dup2(from, fd).map_err(plain)?;
        }
    }
    for fd in sys.open_fds() {
        if fd.0 > 2 && fd != report && fd != ends.report {
            let _ = sys.close(fd);
        }
    }
    if let Some(limit) = spec.open_files {
        let mut limits = sys.limits();
        limits.open_files = limit;
        sys.set_limits(limits);
    }
    let mut credentials = spec.user.credentials(spec.privileged, spec.capabilities);
    credentials.no_new_privileges = spec.no_new_privileges;
    sys.set_credentials(credentials).map_err(plain)?;
    let cwd = if spec.cwd.is_empty() { "/" } else { &spec.cwd };
    sys.chdir(cwd).map_err(|e| {
        format!("chdir to cwd ({}) set in config.json failed: {}", docker_api::text_quote(cwd), go_errno(e))
    })?;
    let path = look_path(sys, spec)?;
    let _ = sys.write_all(report, b"started\n").await;
    Ok(path)
}

/// Go's `exec.LookPath`, with its errors.
fn look_path(sys: &Sys, spec: &ProcessSpec) -> Result<String, String> {
    let name = spec.args.first().cloned().unwrap_or_default();
    let quoted = docker_api::text_quote(&name);
    let runnable = |path: &str| -> Result<(), String> {
        let attr = sys.stat(path).map_err(|e| format!("stat {path}: {}", go_errno(e)))?;
        if attr.kind == FileKind::Directory {
            return Err("is a directory: permission denied".into());
        }
        sys.access(path, Access { execute: true, ..Access::default() }).map_err(|_| "permission denied".to_string())
    };
    if name.contains('/') {
        return runnable(&name).map(|()| name.clone()).map_err(|why| format!("exec: {quoted}: {why}"));
    }
    let path = spec.env.iter().find_map(|e| e.strip_prefix("PATH=")).unwrap_or("");
    let found = path.split(':').map(|dir| if dir.is_empty() { name.clone() } else { format!("{dir}/{name}") });
    match found.filter(|_| !name.is_empty()).find(|p| runnable(p).is_ok()) {
        Some(path) => Ok(path),
        None => Err(format!("exec: {quoted}: executable file not found in $PATH")),
    }
}
