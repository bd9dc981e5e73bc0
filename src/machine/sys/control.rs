//! Calls for those who run other processes in boxes (dockerd), and for looking at all processes.

use std::future::Future;
use std::rc::Rc;

use super::Sys;
use crate::errno::{Errno, SysResult};
use crate::io::Fd;
use crate::kernel::Instant;
use crate::process::cgroup::{CgroupId, CgroupLimits, CgroupUsage};
use crate::process::{CloneFlags, Pid, State, Times};
use crate::program::ExitCode;

/// Whether a process runs, for `ps`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ProcessState {
    /// It runs or is ready to (`R`).
    Running,
    /// It waits (`S`).
    Sleeping,
    /// It is stopped (`T`).
    Stopped,
    /// It ended and was not waited for (`Z`).
    Zombie,
}

/// What `/proc/PID` tells of a process, in the numbers of the namespace that was asked for.
#[derive(Clone, Debug)]
pub struct ProcessInfo {
    /// Its number.
    pub pid: Pid,
    /// Its parent's, 0 if not to be seen.
    pub parent: Pid,
    /// Its group.
    pub group: Pid,
    /// Its session.
    pub session: Pid,
    /// Whether it runs.
    pub state: ProcessState,
    /// Short name.
    pub comm: String,
    /// Arguments.
    pub args: Rc<Vec<String>>,
    /// Path of the executable.
    pub exe: String,
    /// Who it runs as.
    pub uid: u32,
    /// Its group id.
    pub gid: u32,
    /// Its terminal: `pts/0`.
    pub tty: Option<String>,
    /// Foreground group of its terminal.
    pub foreground: Option<Pid>,
    /// CPU time.
    pub times: Times,
    /// When it started.
    pub started: Instant,
    /// Resident bytes.
    pub memory: u64,
    /// Threads.
    pub threads: usize,
}

impl Sys {
    /// The processes to be seen in the caller's PID namespace, by number.
    pub fn processes(&self) -> Vec<ProcessInfo> {
        self.processes_seen_by(self.pid)
    }

    /// The processes to be seen in the PID namespace of `of` (dockerd's `top`), with the *caller's* numbers.
    pub fn processes_in(&self, of: Pid) -> SysResult<Vec<ProcessInfo>> {
        let pid = self.outside(of).ok_or(Errno::ESRCH)?;
        let namespace = self.kernel.processes.with(pid, |p| p.namespaces.pid).ok_or(Errno::ESRCH)?;
        let members: Vec<Pid> =
            self.kernel.processes.pid_namespaces.members(namespace).into_iter().map(|(_, outer)| outer).collect();
        Ok(members.into_iter().filter_map(|pid| self.process_info(self.pid, pid)).collect())
    }

    /// As [`Sys::processes`], seen by another process (kernel's number).
    pub(crate) fn processes_seen_by(&self, viewer: Pid) -> Vec<ProcessInfo> {
        let Some(namespace) = self.kernel.processes.with(viewer, |p| p.namespaces.pid) else { return Vec::new() };
        let members = self.kernel.processes.pid_namespaces.members(namespace);
        members.into_iter().filter_map(|(_, pid)| self.process_info(viewer, pid)).collect()
    }

    fn process_info(&self, viewer: Pid, pid: Pid) -> Option<ProcessInfo> {
        self.kernel.process_info(viewer, pid)
    }

    /// Starts a process inside the namespaces, root and control group of another one (`nsenter`, `docker exec`).
    pub fn enter_process<F>(&self, target: Pid, body: impl FnOnce(Sys) -> F) -> SysResult<Pid>
    where
        F: Future<Output = ExitCode> + 'static,
    {
        if !self.credentials().is_admin() {
            return Err(Errno::EPERM);
        }
        let target = self.outside(target).ok_or(Errno::ESRCH)?;
        let (namespaces, fs, cgroup) = self
            .kernel
            .processes
            .with(target, |p| {
                let alive = !matches!(p.state, State::Zombie(_));
                alive.then(|| (p.namespaces.clone(), p.fs.clone(), p.cgroup))
            })
            .flatten()
            .ok_or(Errno::ESRCH)?;
        let (own_namespaces, own_fs, own_cgroup) = self.with_process(|p| {
            let old = (p.namespaces.clone(), p.fs.clone(), p.cgroup);
            p.namespaces.pid_for_children = namespaces.pid;
            p.namespaces.net = namespaces.net;
            p.namespaces.uts = namespaces.uts.clone();
            p.fs = fs;
            p.fs.cwd = p.fs.root.clone();
            p.cgroup = cgroup;
            old
        });
        let result = self.clone_process(CloneFlags::default(), body);
        self.with_process(|p| (p.namespaces, p.fs, p.cgroup) = (own_namespaces, own_fs, own_cgroup));
        result
    }

    /// `setns(2)` into another process's PID namespace and `clone(2)`: a new process that is numbered there.
    pub fn clone_beside<F>(&self, other: Pid, flags: CloneFlags, body: impl FnOnce(Sys) -> F) -> SysResult<Pid>
    where
        F: Future<Output = ExitCode> + 'static,
    {
        self.need_admin()?;
        let other = self.outside(other).ok_or(Errno::ESRCH)?;
        let joined = self.kernel.processes.with(other, |p| p.namespaces.pid).ok_or(Errno::ESRCH)?;
        let own = self.with_process(|p| std::mem::replace(&mut p.namespaces.pid_for_children, joined));
        let result = self.clone_process(CloneFlags { pid: false, ..flags }, body);
        self.with_process(|p| p.namespaces.pid_for_children = own);
        result
    }

    /// `pidfd_getfd(2)`: a duplicate of another process's descriptor, close-on-exec.
    pub fn fetch_fd(&self, target: Pid, fd: Fd) -> SysResult<Fd> {
        self.need_admin()?;
        let target = self.outside(target).ok_or(Errno::ESRCH)?;
        let description = self.kernel.processes.with(target, |p| p.fds.get(fd)).ok_or(Errno::ESRCH)??;
        self.add_description(description, true)
    }

    /// `gethostname(2)`.
    pub fn hostname(&self) -> String {
        self.with_process(|p| p.namespaces.uts.hostname.borrow().clone())
    }

    /// `sethostname(2)`.
    pub fn set_hostname(&self, name: &str) -> SysResult<()> {
        if !self.credentials().is_admin() {
            return Err(Errno::EPERM);
        }
        self.with_process(|p| *p.namespaces.uts.hostname.borrow_mut() = name.to_string());
        Ok(())
    }

    /// A new control group.
    pub fn cgroup_create(&self, limits: CgroupLimits) -> SysResult<CgroupId> {
        self.need_admin()?;
        Ok(self.kernel.cgroups.create(limits))
    }

    /// Removes a control group that is empty.
    pub fn cgroup_remove(&self, id: CgroupId) {
        self.kernel.cgroups.remove(id);
    }

    /// Moves the calling process there; its children are born into it.
    pub fn cgroup_enter(&self, id: CgroupId) -> SysResult<()> {
        self.need_admin()?;
        self.with_process(|p| p.cgroup = id);
        Ok(())
    }

    /// Sets new limits.
    pub fn cgroup_limit(&self, id: CgroupId, limits: CgroupLimits) -> SysResult<()> {
        self.need_admin()?;
        self.kernel.cgroups.with(id, |g| g.limits = limits).ok_or(Errno::ENOENT)
    }

    /// Freezes the processes of a control group (`docker pause`), or lets them go on.
    pub fn cgroup_freeze(&self, id: CgroupId, frozen: bool) -> SysResult<()> {
        self.need_admin()?;
        self.kernel.cgroups.with(id, |g| g.frozen = frozen).ok_or(Errno::ENOENT)?;
        if !frozen {
            let members: Vec<Pid> = {
                let processes = self.kernel.processes.processes.borrow();
                processes.values().filter(|p| p.cgroup == id).map(|p| p.pid).collect()
            };
            for pid in members {
                if self.kernel.processes.with(pid, |p| p.state == State::Running) == Some(true) {
                    self.kernel.processes.release_deferred(&self.kernel, pid);
                }
            }
        }
        Ok(())
    }

    /// What a control group used.
    pub fn cgroup_usage(&self, id: CgroupId) -> CgroupUsage {
        let (mut usage, processes) = (CgroupUsage::default(), self.kernel.processes.processes.borrow());
        for p in processes.values().filter(|p| p.cgroup == id && !matches!(p.state, State::Zombie(_))) {
            usage.cpu += p.times.own.user + p.times.own.system;
            usage.processes += 1;
        }
        drop(processes);
        usage.memory = self.kernel.cgroup_memory(id);
        self.kernel.cgroups.with(id, |g| {
            usage.cpu += g.cpu;
            usage.oom_kills = g.oom_kills;
        });
        usage
    }

    /// A shell tells its `$?` when it shows its prompt, for whoever looks at the machine from outside.
    pub fn set_last_status(&self, status: u8) {
        self.with_process(|p| p.last_status = Some(status));
    }

    /// `EPERM` where a call is for administrators only.
    pub(crate) fn need_admin(&self) -> SysResult<()> {
        if self.credentials().is_admin() { Ok(()) } else { Err(Errno::EPERM) }
    }
}

impl crate::kernel::Kernel {
    /// What `/proc` tells `viewer` of `pid` (both the kernel's numbers).
    pub(crate) fn process_info(&self, viewer: Pid, pid: Pid) -> Option<ProcessInfo> {
        let namespace = self.processes.with(viewer, |p| p.namespaces.pid)?;
        let seen = |pid: Pid| self.processes.pid_namespaces.to_inside(namespace, pid).unwrap_or(Pid(0));
        let processes = self.processes.processes.borrow();
        let p = processes.get(&pid)?;
        let state = match p.state {
            State::Zombie(_) => ProcessState::Zombie,
            State::Stopped(_) => ProcessState::Stopped,
            State::Running if pid == viewer => ProcessState::Running,
            State::Running => ProcessState::Sleeping,
        };
        Some(ProcessInfo {
            pid: seen(pid),
            parent: seen(p.parent),
            group: seen(p.group),
            session: seen(p.session),
            state,
            comm: p.image.comm.clone(),
            args: p.image.args.clone(),
            exe: p.image.exe.clone(),
            uid: p.credentials.uid,
            gid: p.credentials.gid,
            tty: p.tty.as_ref().map(|tty| tty.name()),
            foreground: p.tty.as_ref().and_then(|tty| tty.foreground()).map(seen),
            times: p.times,
            started: p.started,
            memory: p.memory,
            threads: p.tasks.len(),
        })
    }
}
