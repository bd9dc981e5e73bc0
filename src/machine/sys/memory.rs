//! The memory that processes hold, and what happens where there is no more of it.
//!
//! Programs tell what they hold; the machine does not look into them. What a process has told is what `ps`, `free` and
//! `docker stats` show, and what limits apply to.

use std::rc::Rc;

use super::Sys;
use crate::errno::{Errno, SysResult};
use crate::hardware::{KERNEL_MEMORY, MEMORY};
use crate::kernel::Kernel;
use crate::process::cgroup::CgroupId;
use crate::process::{Pid, Process, Signal, State};

/// Resident bytes of a small program with its C library, until it tells otherwise.
pub const SMALL_PROGRAM: u64 = 1_523_712;
/// What is resident of any program besides the memory that it tells: libraries, stack, its code.
pub const SHARED: u64 = 3 << 20;
/// Pages that a process has for itself at least: stack, data, page tables.
const LEAST_OWN: u64 = 256 << 10;

/// Says when a program that keeps much should measure itself again: each time it may have grown by half, so that the
/// measuring costs little beside the growing.
#[derive(Clone, Debug, Default)]
pub struct MemoryMeter {
    since: u64,
    last: u64,
}

impl MemoryMeter {
    /// Below this growth, in bytes, nothing is measured.
    const LEAST: u64 = 1 << 20;

    /// So many bytes were kept, perhaps in the place of others.
    pub fn kept(&mut self, bytes: usize) {
        self.since += bytes as u64;
    }

    /// Whether it is time to measure.
    pub fn is_due(&self) -> bool {
        self.since > Self::LEAST.max(self.last / 2)
    }

    /// What was measured last, in bytes; 0 before the first time.
    pub fn last(&self) -> u64 {
        self.last
    }

    /// What was measured.
    pub fn measured(&mut self, bytes: u64) {
        self.since = 0;
        self.last = bytes;
    }
}

impl Sys {
    /// Tells how many bytes the process holds. Past its control group's limit, or past what the machine has, the
    /// kernel's memory killer comes when the slice is over (`SIGKILL`, proc(5) `oom_score`); past `RLIMIT_AS` it is
    /// `ENOMEM`.
    pub fn set_memory(&self, bytes: u64) -> SysResult<()> {
        let (cgroup, limits, before) = self.with_process(|p| (p.cgroup, p.limits, p.memory));
        if bytes > limits.memory {
            return Err(Errno::ENOMEM);
        }
        self.with_process(|p| p.memory = bytes);
        if bytes > before {
            self.kernel.memory_taken.set(Some(cgroup));
        }
        Ok(())
    }

    /// Tells that the process holds so many bytes more; as [`Sys::set_memory`].
    pub fn hold_memory(&self, more: u64) -> SysResult<()> {
        self.set_memory(self.with_process(|p| p.memory).saturating_add(more))
    }
}

/// What these processes take together: the pages of a small program and its libraries are there once.
fn together<'a>(processes: impl Iterator<Item = &'a Process>) -> u64 {
    let own = |p: &Process| p.memory.saturating_sub(SMALL_PROGRAM) + LEAST_OWN;
    let (count, sum) = processes
        .filter(|p| !matches!(p.state, State::Zombie(_)))
        .fold((0, 0), |(count, sum): (u64, u64), p| (count + 1, sum + own(p)));
    if count == 0 { 0 } else { sum + SMALL_PROGRAM - LEAST_OWN }
}

impl Kernel {
    /// Bytes held in a control group.
    pub(crate) fn cgroup_memory(&self, cgroup: CgroupId) -> u64 {
        together(self.processes.processes.borrow().values().filter(|p| p.cgroup == cgroup))
    }

    /// Kills what holds most in a control group that is past its limit, then on the whole machine.
    pub(crate) fn kill_for_memory(self: &Rc<Self>, cgroup: CgroupId) {
        let limit = self.cgroups.with(cgroup, |g| g.limits.memory).unwrap_or(u64::MAX);
        if limit != u64::MAX && self.cgroup_memory(cgroup) > limit {
            self.kill_largest(|p| p.cgroup == cgroup);
        }
        let all = together(self.processes.processes.borrow().values());
        if all > MEMORY - KERNEL_MEMORY {
            self.kill_largest(|p| p.pid != Pid(1));
        }
    }

    fn kill_largest(self: &Rc<Self>, among: impl Fn(&Process) -> bool) {
        let largest = {
            let processes = self.processes.processes.borrow();
            let alive = processes.values().filter(|p| !matches!(p.state, State::Zombie(_)) && among(p));
            alive.max_by_key(|p| p.memory).map(|p| (p.pid, p.cgroup))
        };
        let Some((pid, cgroup)) = largest else { return };
        self.cgroups.with(cgroup, |g| g.oom_kills += 1);
        self.send_signal(pid, Signal::KILL);
    }
}

#[cfg(test)]
mod tests {
    use super::MemoryMeter;

    #[test]
    fn measuring_is_rare_beside_growing() {
        let (mut meter, mut kept, mut walked) = (MemoryMeter::default(), 0u64, 0u64);
        for _ in 0..1_000_000 {
            kept += 100;
            meter.kept(100);
            if meter.is_due() {
                walked += kept;
                meter.measured(kept);
            }
        }
        assert!(walked > kept / 2 && walked < 4 * kept, "{walked} of {kept}");
    }
}
