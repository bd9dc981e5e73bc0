//! Processes: their table, signals, namespaces, waiting, limits and control groups.

pub mod cgroup;
mod credentials;
pub(crate) mod lifecycle;
pub(crate) mod namespace;
mod signal;
pub(crate) mod table;
#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, VecDeque};
use std::rc::Rc;

pub use credentials::{Credentials, capability};
pub use namespace::{CloneFlags, PidNamespaceId, Uts};
pub use signal::{DefaultAction, Disposition, Signal};

use crate::fs::{Location, MountNamespace};
use crate::io::fd::FdTable;
use crate::kernel::{Instant, TaskId, WaitQueue};
use crate::net::NetNamespaceId;
use crate::tty::Tty;
use cgroup::CgroupId;

/// A process number. Inside the kernel those of the initial PID namespace; programs see those of theirs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Pid(pub i32);

impl std::fmt::Display for Pid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// What `wait` tells of a child.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WaitStatus {
    /// It ended with this status.
    Exited(u8),
    /// A signal ended it.
    Signaled(Signal),
    /// A signal stopped it.
    Stopped(Signal),
    /// It goes on.
    Continued,
}

impl WaitStatus {
    /// The shell's `$?`: the status, or 128 and the signal's number.
    pub fn code(self) -> u8 {
        match self {
            WaitStatus::Exited(code) => code,
            WaitStatus::Signaled(signal) | WaitStatus::Stopped(signal) => 128 + signal.number(),
            WaitStatus::Continued => 128 + Signal::CONT.number(),
        }
    }
}

/// Which children to wait for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WaitFor {
    /// Any child.
    Any,
    /// This one.
    Process(Pid),
    /// Any in this process group.
    Group(Pid),
}

/// `waitpid`'s options.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct WaitOptions {
    /// `WNOHANG`: don't wait.
    pub no_hang: bool,
    /// `WUNTRACED`: report stopped children.
    pub stopped: bool,
    /// `WCONTINUED`: report children that go on.
    pub continued: bool,
}

/// CPU time, in nanoseconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct CpuTime {
    /// In programs.
    pub user: u64,
    /// In the kernel.
    pub system: u64,
}

/// `times(2)`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Times {
    /// Of the process.
    pub own: CpuTime,
    /// Of its children that were waited for.
    pub children: CpuTime,
}

/// Resource limits (`getrlimit(2)`), the soft ones.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// `RLIMIT_NOFILE`.
    pub open_files: u64,
    /// `RLIMIT_NPROC`: processes of one user.
    pub processes: u64,
    /// `RLIMIT_AS`, bytes.
    pub memory: u64,
    /// `RLIMIT_FSIZE`, bytes.
    pub file_size: u64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { open_files: 1024, processes: 1024, memory: u64::MAX, file_size: u64::MAX }
    }
}

/// Whether a process runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum State {
    Running,
    Stopped(Signal),
    Zombie(WaitStatus),
}

/// Names, numbers and arguments of what a process runs.
#[derive(Clone, Default)]
pub(crate) struct Image {
    /// `comm`: the name, cut to 15 bytes.
    pub comm: String,
    /// Path of the executable.
    pub exe: String,
    pub args: Rc<Vec<String>>,
    pub env: Rc<Vec<String>>,
}

/// Where a process is in the trees of files.
#[derive(Clone)]
pub(crate) struct FsState {
    pub mounts: Rc<MountNamespace>,
    pub root: Location,
    pub cwd: Location,
    pub umask: u32,
}

/// Signals of a process.
#[derive(Clone, Default)]
pub(crate) struct Signals {
    pub caught: BTreeSet<Signal>,
    pub ignored: BTreeSet<Signal>,
    /// Caught signals that came and were not taken yet.
    pub pending: VecDeque<Signal>,
    /// How many more calls end with `EINTR` for what is pending. Bounded: a program that goes on after each would
    /// otherwise never wait again.
    pub interrupts: u8,
    /// Signals that wait until they are unblocked.
    pub blocked: BTreeSet<Signal>,
    pub held: VecDeque<Signal>,
}

/// The namespaces of a process, but for mounts ([`FsState`]).
#[derive(Clone)]
pub(crate) struct Namespaces {
    pub pid: PidNamespaceId,
    /// What children are born into (`unshare(CLONE_NEWPID)`, `setns`).
    pub pid_for_children: PidNamespaceId,
    pub net: NetNamespaceId,
    pub uts: Rc<Uts>,
}

/// A process.
pub(crate) struct Process {
    pub pid: Pid,
    pub parent: Pid,
    pub group: Pid,
    pub session: Pid,
    pub state: State,
    /// A stop or continue that the parent was not told yet.
    pub change: Option<WaitStatus>,
    pub image: Image,
    pub credentials: Rc<Credentials>,
    pub fs: FsState,
    pub fds: FdTable,
    pub signals: Signals,
    pub namespaces: Namespaces,
    pub cgroup: CgroupId,
    pub limits: Limits,
    pub tty: Option<Rc<Tty>>,
    /// Its threads, the main one first.
    pub tasks: Vec<TaskId>,
    /// Threads that became ready while it was stopped.
    pub deferred: BTreeSet<TaskId>,
    /// Woken when a child changes.
    pub child_changed: Rc<WaitQueue>,
    pub times: Times,
    pub started: Instant,
    /// Resident bytes, as the program itself reports them.
    pub memory: u64,
    /// A shell's `$?`, for whoever looks at the machine from outside.
    pub last_status: Option<u8>,
    /// Called `execve` since it was forked (`setpgid` by the parent then fails).
    pub execed: bool,
}
