//! Processes: making, replacing, waiting for them.

use std::collections::BTreeSet;
use std::future::Future;
use std::rc::Rc;

use super::Sys;
use super::memory::SMALL_PROGRAM;
use crate::errno::{Errno, SysResult};
use crate::fs::Access;
use crate::io::Fd;
use crate::kernel::{BoxFuture, TaskId};
use crate::process::cgroup::CgroupLimits;
use crate::process::{
    CloneFlags, Credentials, Image, Limits, Pid, Process, Signals, State, Times, Uts, WaitFor, WaitOptions, WaitStatus,
};
use crate::program::{ExitCode, Program, program_name, shebang};

/// What `fork` costs, in nanoseconds.
const FORK_COST: u64 = 120_000;
/// What `execve` costs: loading, linking, the first page faults.
const EXEC_COST: u64 = 400_000;
/// `execve` follows so many `#!` lines.
const INTERPRETERS: usize = 5;
/// Bytes of arguments and environment (`ARG_MAX`).
const ARG_MAX: usize = 2 * 1024 * 1024;

/// A program to start (`posix_spawn(3)`).
#[derive(Clone, Debug, Default)]
pub struct Spawn {
    /// Path of the executable.
    pub path: String,
    /// Arguments, the name first.
    pub args: Vec<String>,
    /// Environment; `None`: the caller's.
    pub env: Option<Vec<String>>,
    /// Working directory.
    pub cwd: Option<String>,
    /// Descriptors of the child and what of the caller's they are; all others close.
    pub fds: Vec<(Fd, Fd)>,
    /// Puts the child into this process group; 0: a new one.
    pub group: Option<Pid>,
    /// Who it runs as.
    pub credentials: Option<Credentials>,
}

impl Sys {
    /// The calling process, as it sees itself.
    pub fn getpid(&self) -> Pid {
        self.inside(self.pid)
    }

    /// Takes the numbers that so many further threads would have. Threads here have none of their own; a program that
    /// is known for its threads says so, and the next process is numbered as in reality.
    pub fn pass_thread_numbers(&self, count: u32) {
        let id = self.with_process(|p| p.namespaces.pid);
        self.kernel.processes.pid_namespaces.pass(id, count);
    }

    /// Its parent; 0 if that is outside its PID namespace.
    pub fn getppid(&self) -> Pid {
        let parent = self.with_process(|p| p.parent);
        self.inside(parent)
    }

    /// The arguments, the program's name first.
    pub fn args(&self) -> Rc<Vec<String>> {
        self.with_process(|p| p.image.args.clone())
    }

    /// The environment that it was started with, `NAME=value` each.
    pub fn env(&self) -> Rc<Vec<String>> {
        self.with_process(|p| p.image.env.clone())
    }

    /// One variable of that environment.
    pub fn env_var(&self, name: &str) -> Option<String> {
        self.env().iter().find_map(|e| e.strip_prefix(name)?.strip_prefix('=').map(str::to_string))
    }

    /// Path of the executable.
    pub fn exe(&self) -> String {
        self.with_process(|p| p.image.exe.clone())
    }

    /// User and groups.
    pub fn credentials(&self) -> Rc<Credentials> {
        self.with_process(|p| p.credentials.clone())
    }

    /// `setuid`, `setgid`, `setgroups` and dropping capabilities in one; only root may.
    pub fn set_credentials(&self, credentials: Credentials) -> SysResult<()> {
        self.with_process(|p| {
            if !p.credentials.has(crate::process::capability::SETUID) && credentials != *p.credentials {
                return Err(Errno::EPERM);
            }
            p.credentials = Rc::new(credentials);
            Ok(())
        })
    }

    /// A new process that runs `body` as a copy of this one: descriptors, directory, signals, terminal. What
    /// `body` needs of the parent's memory it takes along.
    pub fn fork<F>(&self, body: impl FnOnce(Sys) -> F) -> SysResult<Pid>
    where
        F: Future<Output = ExitCode> + 'static,
    {
        self.clone_process(CloneFlags::default(), body)
    }

    /// `clone(2)`: a fork with new namespaces.
    pub fn clone_process<F>(&self, flags: CloneFlags, body: impl FnOnce(Sys) -> F) -> SysResult<Pid>
    where
        F: Future<Output = ExitCode> + 'static,
    {
        let pid = self.new_process(flags)?;
        let child = Sys { kernel: self.kernel.clone(), pid, main_thread: true };
        let future = run_main(child.clone(), body(child));
        self.kernel.add_thread(pid, future);
        Ok(self.inside(pid))
    }

    fn new_process(&self, flags: CloneFlags) -> SysResult<Pid> {
        self.charge(FORK_COST);
        let kernel = &self.kernel;
        if (flags.pid || flags.net || flags.mount || flags.uts) && !self.credentials().is_admin() {
            return Err(Errno::EPERM);
        }
        self.room_for_process()?;
        let mut namespaces = self.with_process(|p| p.namespaces.clone());
        namespaces.pid = namespaces.pid_for_children;
        if flags.pid {
            namespaces.pid = kernel.processes.pid_namespaces.create(Some(namespaces.pid));
            namespaces.pid_for_children = namespaces.pid;
        }
        if flags.net {
            namespaces.net = self.netns_create()?;
        }
        if flags.uts {
            namespaces.uts = Rc::new(Uts { hostname: namespaces.uts.hostname.clone() });
        }
        let mut fs = self.with_process(|p| p.fs.clone());
        if flags.mount {
            kernel.vfs.copy_namespace(&mut fs)?;
        }
        let pid = kernel.processes.pid_namespaces.allocate(namespaces.pid);
        let now = self.now();
        let process = self.with_process(|p| Process {
            pid,
            parent: p.pid,
            group: p.group,
            session: p.session,
            state: State::Running,
            change: None,
            image: p.image.clone(),
            credentials: p.credentials.clone(),
            fs,
            fds: p.fds.clone(),
            signals: Signals { pending: Default::default(), held: Default::default(), ..p.signals.clone() },
            namespaces,
            cgroup: p.cgroup,
            limits: p.limits,
            tty: p.tty.clone(),
            tasks: Vec::new(),
            deferred: BTreeSet::new(),
            child_changed: Rc::default(),
            times: Times::default(),
            started: now,
            // Its pages are shared until it writes; what it copies it tells itself.
            memory: p.memory.min(SMALL_PROGRAM),
            last_status: None,
            execed: false,
        });
        let cgroup = process.cgroup;
        kernel.processes.processes.borrow_mut().insert(pid, process);
        kernel.processes.forks.set(kernel.processes.forks.get() + 1);
        kernel.memory_taken.set(Some(cgroup));
        Ok(pid)
    }

    /// `EAGAIN` where a limit on processes is reached: the machine's and user's, or the control group's.
    fn room_for_process(&self) -> SysResult<()> {
        let (cgroup, limits) = self.with_process(|p| (p.cgroup, p.limits));
        let all = self.kernel.processes.processes.borrow();
        let group_limit = self.kernel.cgroups.with(cgroup, |g| g.limits.processes).unwrap_or(u64::MAX);
        let in_group = all.values().filter(|p| p.cgroup == cgroup).count() as u64;
        if all.len() as u64 >= limits.processes || in_group >= group_limit {
            return Err(Errno::EAGAIN);
        }
        Ok(())
    }

    /// Writes over the arguments, as `setproctitle(3)` does: what `ps` and `/proc/[pid]/cmdline` show.
    pub fn set_title(&self, title: &str) {
        self.with_process(|p| p.image.args = Rc::new(vec![title.to_string()]));
    }

    /// Another thread of this process. It ends with the process.
    pub fn thread(&self, body: impl Future<Output = ()> + 'static) -> TaskId {
        self.charge(super::CALL_COST);
        self.kernel.add_thread(self.pid, Box::pin(body))
    }

    /// A handle for use in [`Sys::thread`]: signals do not interrupt its calls.
    pub fn for_thread(&self) -> Sys {
        Sys { main_thread: false, ..self.clone() }
    }

    /// Ends another thread of this process; nothing if it ended already.
    pub fn cancel_thread(&self, thread: TaskId) {
        if self.with_process(|p| p.tasks.contains(&thread)) {
            self.kernel.end_threads(&[thread]);
            self.with_process(|p| p.tasks.retain(|t| *t != thread));
        }
    }

    /// Ends the calling process.
    pub async fn exit(&self, status: ExitCode) -> std::convert::Infallible {
        self.kernel.exit_process(self.pid, WaitStatus::Exited(status.0));
        std::future::pending().await
    }

    /// `execve(2)`: comes back only with an error. `ENOEXEC`: neither a program nor a `#!` script.
    pub async fn execve(&self, path: &str, args: Vec<String>, env: Vec<String>) -> Errno {
        let (program, path, args) = match self.find_program(path, args) {
            Ok(found) => found,
            Err(error) => return error,
        };
        if args.iter().chain(&env).map(|s| s.len() + 9).sum::<usize>() > ARG_MAX {
            return Errno::E2BIG;
        }
        self.charge(EXEC_COST);
        let comm = path.rsplit('/').next().unwrap_or_default().chars().take(15).collect();
        let image = Image { comm, exe: path, args: Rc::new(args), env: Rc::new(env) };
        let child = Sys { main_thread: true, ..self.clone() };
        let (closed, others) = self.with_process(|p| {
            p.image = image;
            p.execed = true;
            p.memory = SMALL_PROGRAM;
            p.signals.caught.clear();
            p.signals.pending.clear();
            let others: Vec<TaskId> = p.tasks.clone();
            p.tasks.clear();
            (p.fds.take_close_on_exec(), others)
        });
        drop(closed);
        let future = run_main(child.clone(), (program.main)(child));
        // The caller's own future is one of these: it is taken out after this slice, which ends here.
        self.kernel.end_threads(&others);
        self.kernel.add_thread(self.pid, future);
        std::future::pending().await
    }

    fn find_program(&self, path: &str, mut args: Vec<String>) -> SysResult<(Program, String, Vec<String>)> {
        let mut path = path.to_string();
        for _ in 0..INTERPRETERS {
            let attr = self.stat(&path)?;
            if !attr.is_file() {
                return Err(Errno::EACCES);
            }
            self.access(&path, Access { execute: true, ..Access::default() })?;
            let content = self.file_content(&path)?;
            if let Some(name) = program_name(&content.data) {
                let program = self.kernel.programs.borrow().get(name).cloned().ok_or(Errno::ENOEXEC)?;
                return Ok((program, path, args));
            }
            let (interpreter, argument) = shebang(&content.data).ok_or(Errno::ENOEXEC)?;
            let rest = args.drain(..).skip(1);
            let new: Vec<String> =
                [interpreter.clone()].into_iter().chain(argument).chain([path.clone()]).chain(rest).collect();
            (args, path) = (new, interpreter);
        }
        Err(Errno::ELOOP)
    }

    /// Starts a program in a new process; errors of `execve` are the caller's.
    pub fn spawn(&self, spawn: Spawn) -> SysResult<Pid> {
        self.find_program(&spawn.path, spawn.args.clone())?;
        let env = spawn.env.clone().unwrap_or_else(|| self.env().to_vec());
        let group = spawn.group;
        let pid = self.fork(move |sys| async move {
            if let Some(group) = spawn.group {
                let _ = sys.setpgid(Pid(0), group);
            }
            let failed = sys.enter_spawned(&spawn).err();
            let error = match failed {
                Some(error) => error,
                None => sys.execve(&spawn.path, spawn.args.clone(), env).await,
            };
            let _ = error;
            ExitCode(127)
        })?;
        if let Some(group) = group {
            let _ = self.setpgid(pid, group);
        }
        Ok(pid)
    }

    fn enter_spawned(&self, spawn: &Spawn) -> SysResult<()> {
        let wanted: Vec<_> = spawn
            .fds
            .iter()
            .map(|(child, parent)| Ok((*child, self.description(*parent)?)))
            .collect::<SysResult<_>>()?;
        let old = self.with_process(|p| std::mem::take(&mut p.fds));
        drop(old);
        self.with_process(|p| {
            for (fd, description) in wanted {
                p.fds.set(fd, description, false);
            }
        });
        if let Some(cwd) = &spawn.cwd {
            self.chdir(cwd)?;
        }
        if let Some(credentials) = &spawn.credentials {
            self.set_credentials(credentials.clone())?;
        }
        Ok(())
    }

    /// `waitpid(2)`: the child and what happened to it; `None` with `no_hang` where nothing did yet.
    pub async fn waitpid(&self, which: WaitFor, options: WaitOptions) -> SysResult<Option<(Pid, WaitStatus)>> {
        let queue = self.with_process(|p| p.child_changed.clone());
        loop {
            if let Some(found) = self.look_for_child(which, options)? {
                return Ok(Some(found));
            }
            if options.no_hang {
                return Ok(None);
            }
            self.wait_on(&queue).await?;
        }
    }

    fn look_for_child(&self, which: WaitFor, options: WaitOptions) -> SysResult<Option<(Pid, WaitStatus)>> {
        let which = match which {
            WaitFor::Any => which,
            WaitFor::Process(pid) => WaitFor::Process(self.outside(pid).ok_or(Errno::ECHILD)?),
            WaitFor::Group(pid) => WaitFor::Group(self.outside(pid).unwrap_or(pid)),
        };
        let (mut any, mut found) = (false, None);
        for child in self.kernel.processes.processes.borrow_mut().values_mut() {
            let matches = child.parent == self.pid
                && match which {
                    WaitFor::Any => true,
                    WaitFor::Process(pid) => child.pid == pid,
                    WaitFor::Group(group) => child.group == group,
                };
            if !matches || found.is_some() {
                continue;
            }
            any = true;
            let wanted = match child.change {
                Some(WaitStatus::Stopped(_)) => options.stopped,
                Some(WaitStatus::Continued) => options.continued,
                _ => false,
            };
            found = match child.state {
                State::Zombie(status) => Some((child.pid, status, true)),
                _ if wanted => child.change.take().map(|change| (child.pid, change, false)),
                _ => None,
            };
        }
        let Some((pid, status, gone)) = found else {
            return if any { Ok(None) } else { Err(Errno::ECHILD) };
        };
        let inside = self.inside(pid);
        if gone && let Some(child) = self.kernel.bury(pid) {
            self.with_process(|p| {
                for time in [child.times.own, child.times.children] {
                    p.times.children.user += time.user;
                    p.times.children.system += time.system;
                }
            });
        }
        Ok(Some((inside, status)))
    }

    /// `getpgid(2)`; 0 is the caller.
    pub fn getpgid(&self, pid: Pid) -> SysResult<Pid> {
        let pid = self.outside_or_self(pid)?;
        let group = self.kernel.processes.with(pid, |p| p.group).ok_or(Errno::ESRCH)?;
        Ok(self.inside(group))
    }

    /// `getsid(2)`; 0 is the caller.
    pub fn getsid(&self, pid: Pid) -> SysResult<Pid> {
        let pid = self.outside_or_self(pid)?;
        let session = self.kernel.processes.with(pid, |p| p.session).ok_or(Errno::ESRCH)?;
        Ok(self.inside(session))
    }

    /// `setpgid(2)` of the caller (0) or one of its children; group 0 is a new one.
    pub fn setpgid(&self, pid: Pid, group: Pid) -> SysResult<()> {
        let pid = self.outside_or_self(pid)?;
        let group = if group == Pid(0) { pid } else { self.outside(group).ok_or(Errno::EPERM)? };
        let session = self.with_process(|p| p.session);
        let exists = group == pid
            || self.kernel.processes.processes.borrow().values().any(|p| p.group == group && p.session == session);
        self.kernel
            .processes
            .with(pid, |p| {
                if p.pid != self.pid && p.parent != self.pid {
                    return Err(Errno::ESRCH);
                }
                if p.execed && p.pid != self.pid {
                    return Err(Errno::EACCES);
                }
                if p.session != session || p.session == p.pid || !exists {
                    return Err(Errno::EPERM);
                }
                p.group = group;
                Ok(())
            })
            .ok_or(Errno::ESRCH)?
    }

    /// `setsid(2)`: a new session and group, without a terminal.
    pub fn setsid(&self) -> SysResult<Pid> {
        self.with_process(|p| {
            if p.group == p.pid {
                return Err(Errno::EPERM);
            }
            (p.session, p.group, p.tty) = (p.pid, p.pid, None);
            Ok(())
        })?;
        Ok(self.getpid())
    }

    /// `times(2)`.
    pub fn times(&self) -> Times {
        self.with_process(|p| p.times)
    }

    /// How many processors the process may use (`sched_getaffinity(2)`).
    pub fn processors(&self) -> u64 {
        let cgroup = self.with_process(|p| p.cgroup);
        let set =
            self.kernel.cgroups.with(cgroup, |g| g.limits.cpuset).unwrap_or_else(|| CgroupLimits::default().cpuset);
        u64::from(set.count_ones())
    }

    /// Resource limits.
    pub fn limits(&self) -> Limits {
        self.with_process(|p| p.limits)
    }

    /// Sets resource limits.
    pub fn set_limits(&self, limits: Limits) {
        self.with_process(|p| p.limits = limits);
    }

    /// The number that the caller sees for a process of the kernel's; 0 if it sees none.
    pub(crate) fn inside(&self, pid: Pid) -> Pid {
        let namespace = self.with_process(|p| p.namespaces.pid);
        self.kernel.processes.pid_namespaces.to_inside(namespace, pid).unwrap_or(Pid(0))
    }

    /// The kernel's number of a process that the caller names.
    pub(crate) fn outside(&self, pid: Pid) -> Option<Pid> {
        let namespace = self.with_process(|p| p.namespaces.pid);
        self.kernel.processes.pid_namespaces.to_outside(namespace, pid)
    }

    fn outside_or_self(&self, pid: Pid) -> SysResult<Pid> {
        if pid == Pid(0) { Ok(self.pid) } else { self.outside(pid).ok_or(Errno::ESRCH) }
    }
}

/// A main thread: when it comes to its end, so does the process.
pub(crate) fn run_main(sys: Sys, main: impl Future<Output = ExitCode> + 'static) -> BoxFuture {
    Box::pin(async move {
        let status = main.await;
        sys.kernel.exit_process(sys.pid, WaitStatus::Exited(status.0));
    })
}
