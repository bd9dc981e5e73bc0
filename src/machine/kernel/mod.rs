//! What all parts of the kernel share: clock, generator, executor, wait queues, and the loop that runs
//! the machine up to an instant.

mod clock;
mod executor;
mod rng;
mod wait;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

pub use clock::{Clock, Instant, UnixTime};
pub use executor::TaskId;
pub(crate) use executor::{BoxFuture, Executor, Polled};
pub use rng::Rng;
pub use wait::WaitQueue;

use crate::fs::Vfs;
use crate::net::Network;
use crate::process::cgroup::{CgroupId, Cgroups};
use crate::process::table::ProcessTable;
use crate::program::Program;
use crate::tty::Ttys;

/// The least that a slice of a task costs, in nanoseconds. More than zero, so that the clock moves with
/// every slice and an instant names one point of the machine's history.
const SLICE_COST: u64 = 500;

/// After so much charged time a task gives way to the others, in nanoseconds.
pub(crate) const QUANTUM: u64 = 1_000_000;

/// The kernel: all state of the machine but the programs' own futures.
pub(crate) struct Kernel {
    pub clock: Clock,
    pub rng: Rng,
    pub executor: Executor,
    pub processes: ProcessTable,
    pub cgroups: Cgroups,
    pub vfs: Vfs,
    pub network: Network,
    pub ttys: Ttys,
    pub programs: RefCell<BTreeMap<&'static str, Program>>,
    /// What the slice that runs now has charged so far, in nanoseconds.
    pub slice_cost: Cell<u64>,
    /// The task whose slice runs now.
    pub running: Cell<Option<TaskId>>,
    /// The control group in which the slice that runs now has taken memory.
    pub memory_taken: Cell<Option<CgroupId>>,
}

/// Why [`Kernel::run`] came back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stopped {
    /// The clock shows the instant asked for.
    AtDeadline,
    /// The number of slices is used up.
    OutOfSlices,
    /// The condition holds.
    AtCondition,
}

impl Kernel {
    /// Runs the machine until its clock shows `until` or later, or `slices` slices have run, or `condition`
    /// holds with no task ready but such as compute without end (a busy loop in a container is no news).
    ///
    /// All stops are at the same point of the loop, with all due timers fired: the state at a stop is a
    /// function of the clock alone, however the way to it was cut into calls.
    pub fn run(self: &Rc<Self>, until: Instant, mut slices: u64, condition: &dyn Fn() -> bool) -> Stopped {
        loop {
            self.executor.fire_timers(self.clock.now());
            self.network.deliver(self.clock.now());
            if self.clock.now() >= until {
                return Stopped::AtDeadline;
            }
            if !self.executor.has_news() && condition() {
                return Stopped::AtCondition;
            }
            if slices == 0 {
                return Stopped::OutOfSlices;
            }
            match self.executor.pop_ready() {
                Some(task) => {
                    slices -= 1;
                    self.slice(task);
                }
                None => match self.next_event() {
                    Some(at) if at <= until => self.clock.advance_to(at),
                    _ => self.clock.advance_to(until),
                },
            }
        }
    }

    /// When the next timer is due or the next packet arrives.
    pub fn next_event(&self) -> Option<Instant> {
        self.executor.next_timer().into_iter().chain(self.network.next_event()).min()
    }

    fn slice(self: &Rc<Self>, task: TaskId) {
        // What ended outside a slice (keys typed from outside that are signals) goes before anything can bury it.
        self.processes.reap_tasks(self);
        if self.processes.defer_if_stopped(self, task) {
            return;
        }
        self.slice_cost.set(SLICE_COST);
        self.running.set(Some(task));
        let polled = self.executor.poll(task);
        self.running.set(None);
        let cost = self.slice_cost.take();
        self.processes.charge(task, cost);
        self.clock.advance_to(self.clock.now() + Duration::from_nanos(cost));
        if matches!(polled, Polled::Finished) {
            self.processes.thread_finished(task);
        }
        if let Some(group) = self.memory_taken.take() {
            self.kill_for_memory(group);
        }
        self.processes.reap_tasks(self);
    }

    /// Adds to the cost of the slice that runs now, in nanoseconds.
    pub fn charge(&self, nanoseconds: u64) {
        self.slice_cost.set(self.slice_cost.get().saturating_add(nanoseconds));
    }

    /// Waits until `at`.
    pub fn sleep_until(self: &Rc<Self>, at: Instant) -> Sleep {
        Sleep { kernel: self.clone(), at, timer: None }
    }
}

/// A wait for an instant.
pub(crate) struct Sleep {
    kernel: Rc<Kernel>,
    at: Instant,
    timer: Option<u64>,
}

impl Future for Sleep {
    type Output = ();
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.kernel.clock.now() >= self.at {
            return Poll::Ready(());
        }
        if self.timer.is_none() {
            self.timer = Some(self.kernel.executor.add_timer(self.at, cx.waker().clone()));
        }
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        if let Some(timer) = self.timer {
            self.kernel.executor.cancel_timer(self.at, timer);
        }
    }
}
