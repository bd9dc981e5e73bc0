//! Control groups: what dockerd limits, freezes and counts a container with.

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::hardware::CPUS;

/// A control group.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash, Default)]
pub struct CgroupId(pub u32);

/// The limits of a control group.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CgroupLimits {
    /// `memory.max`, bytes.
    pub memory: u64,
    /// `pids.max`.
    pub processes: u64,
    /// `cpu.max` as parts of a CPU in thousandths. Not enforced: the machine has one CPU.
    pub cpu_millis: u64,
    /// `cpuset.cpus.effective`: a bit for each processor that may be used.
    pub cpuset: u64,
}

impl Default for CgroupLimits {
    fn default() -> CgroupLimits {
        CgroupLimits { memory: u64::MAX, processes: u64::MAX, cpu_millis: u64::MAX, cpuset: (1 << CPUS) - 1 }
    }
}

/// What a control group used.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct CgroupUsage {
    /// CPU time, nanoseconds, of all processes that ever were in it.
    pub cpu: u64,
    /// Bytes resident now.
    pub memory: u64,
    /// Processes now.
    pub processes: u64,
    /// How often a process was killed for memory.
    pub oom_kills: u64,
}

#[derive(Default)]
pub(crate) struct Cgroup {
    pub limits: CgroupLimits,
    pub frozen: bool,
    pub cpu: u64,
    pub oom_kills: u64,
}

/// All control groups. Number 0 is the root, without limits.
#[derive(Default)]
pub(crate) struct Cgroups {
    groups: RefCell<BTreeMap<CgroupId, Cgroup>>,
}

impl Cgroups {
    /// A new group.
    pub fn create(&self, limits: CgroupLimits) -> CgroupId {
        let mut groups = self.groups.borrow_mut();
        let id = CgroupId(groups.last_key_value().map_or(1, |(id, _)| id.0 + 1));
        groups.insert(id, Cgroup { limits, ..Cgroup::default() });
        id
    }

    /// Forgets a group that has no processes any more.
    pub fn remove(&self, id: CgroupId) {
        self.groups.borrow_mut().remove(&id);
    }

    /// Reads or changes a group; `None` where there is none (the root too).
    pub fn with<T>(&self, id: CgroupId, f: impl FnOnce(&mut Cgroup) -> T) -> Option<T> {
        self.groups.borrow_mut().get_mut(&id).map(f)
    }
}
