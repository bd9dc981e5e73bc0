//! The table of processes, and what the executor asks about them.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use super::namespace::PidNamespaces;
use super::{Pid, Process, State};
use crate::kernel::{BoxFuture, Kernel, TaskId};

/// How much of the charged time counts as `system` in `times`: one part in so many.
const SYSTEM_SHARE: u64 = 4;

/// All processes.
pub(crate) struct ProcessTable {
    pub processes: RefCell<BTreeMap<Pid, Process>>,
    /// Which process a thread belongs to.
    pub tasks: RefCell<BTreeMap<TaskId, Pid>>,
    pub pid_namespaces: PidNamespaces,
    /// Futures of ended threads, to be dropped when nothing is borrowed.
    pub graveyard: RefCell<Vec<BoxFuture>>,
    /// Ended processes that nobody waits for, to be removed after the slice.
    pub unmourned: RefCell<Vec<Pid>>,
    /// Processes ever made (`/proc/stat`).
    pub forks: Cell<u64>,
}

impl ProcessTable {
    pub fn new() -> ProcessTable {
        ProcessTable {
            processes: RefCell::default(),
            tasks: RefCell::default(),
            pid_namespaces: PidNamespaces::new(),
            graveyard: RefCell::default(),
            unmourned: RefCell::default(),
            forks: Cell::new(0),
        }
    }

    /// Reads or changes a process.
    pub fn with<T>(&self, pid: Pid, f: impl FnOnce(&mut Process) -> T) -> Option<T> {
        self.processes.borrow_mut().get_mut(&pid).map(f)
    }

    /// Whether the task must wait because its process is stopped or frozen; then it is kept for later.
    pub fn defer_if_stopped(&self, kernel: &Kernel, task: TaskId) -> bool {
        let Some(pid) = self.tasks.borrow().get(&task).copied() else { return false };
        let mut processes = self.processes.borrow_mut();
        let Some(process) = processes.get_mut(&pid) else { return false };
        let frozen = kernel.cgroups.with(process.cgroup, |g| g.frozen).unwrap_or(false);
        let stop = frozen || matches!(process.state, State::Stopped(_));
        if stop {
            process.deferred.insert(task);
        }
        stop
    }

    /// Books the time of a slice.
    pub fn charge(&self, task: TaskId, cost: u64) {
        let Some(pid) = self.tasks.borrow().get(&task).copied() else { return };
        if let Some(process) = self.processes.borrow_mut().get_mut(&pid) {
            process.times.own.system += cost / SYSTEM_SHARE;
            process.times.own.user += cost - cost / SYSTEM_SHARE;
        }
    }

    /// A thread came to its end by itself. (The main thread ends through `exit` before this.)
    pub fn thread_finished(&self, task: TaskId) {
        let Some(pid) = self.tasks.borrow_mut().remove(&task) else { return };
        self.with(pid, |p| p.tasks.retain(|t| *t != task));
    }

    /// Drops what ended in a slice, with nothing borrowed: destructors may end more.
    pub fn reap_tasks(&self, kernel: &Kernel) {
        loop {
            let futures = std::mem::take(&mut *self.graveyard.borrow_mut());
            let unmourned = std::mem::take(&mut *self.unmourned.borrow_mut());
            if futures.is_empty() && unmourned.is_empty() {
                return;
            }
            drop(futures);
            for pid in unmourned {
                drop(kernel.bury(pid));
            }
        }
    }

    /// Lets a process that was stopped or frozen go on.
    pub fn release_deferred(&self, kernel: &Kernel, pid: Pid) {
        let tasks = self.with(pid, |p| std::mem::take(&mut p.deferred)).unwrap_or_default();
        for task in tasks {
            kernel.executor.unqueue(task);
            kernel.executor.wake(task);
        }
    }
}
