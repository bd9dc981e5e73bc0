//! System calls: the one way in which programs reach the machine.
//!
//! `Sys` is a cheap handle of one thread of one process. Calls that may have to wait are `async`; they end
//! with `EINTR` when the process catches a signal meanwhile (main thread only). All others are at once.

mod control;
mod files;
mod io;
pub mod memory;
mod network;
mod processes;
mod signals;
mod sockets;
mod terminal;

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

pub use control::{ProcessInfo, ProcessState};
pub use processes::Spawn;
pub(crate) use processes::run_main;

use crate::errno::{Errno, SysResult};
use crate::io::{Description, Fd};
use crate::kernel::{Instant, Kernel, QUANTUM, UnixTime, WaitQueue};
use crate::process::{Pid, Process};

/// What any system call costs, in nanoseconds of CPU time.
pub(crate) const CALL_COST: u64 = 300;

/// A thread's handle of the machine.
#[derive(Clone)]
pub struct Sys {
    pub(crate) kernel: Rc<Kernel>,
    pub(crate) pid: Pid,
    /// Whether caught signals interrupt its calls.
    pub(crate) main_thread: bool,
}

impl Sys {
    /// Reads or changes the calling process. It exists while its code runs.
    pub(crate) fn with_process<T>(&self, f: impl FnOnce(&mut Process) -> T) -> T {
        self.kernel.charge(CALL_COST);
        match self.kernel.processes.with(self.pid, f) {
            Some(value) => value,
            // Only a future that outlived its process could come here, and those are dropped with it.
            None => unreachable!("process {} is gone", self.pid),
        }
    }

    /// The open file description behind `fd`.
    pub(crate) fn description(&self, fd: Fd) -> SysResult<Rc<Description>> {
        self.with_process(|p| p.fds.get(fd))
    }

    /// Charges CPU time, in nanoseconds, without giving way.
    pub fn charge(&self, nanoseconds: u64) {
        self.kernel.charge(nanoseconds);
    }

    /// Charges CPU time, in nanoseconds, and gives way to others when the quantum is used up. Every loop of
    /// an interpreter calls this.
    pub async fn tick(&self, nanoseconds: u64) {
        self.kernel.charge(nanoseconds);
        if self.kernel.slice_cost.get() >= QUANTUM {
            if let Some(task) = self.kernel.running.get() {
                self.kernel.executor.preempt(task);
            }
            self.yield_now().await;
        }
    }

    /// Gives way to the other threads that are ready.
    pub async fn yield_now(&self) {
        let mut first = true;
        std::future::poll_fn(|cx| {
            if std::mem::take(&mut first) {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            Poll::Ready(())
        })
        .await;
    }

    /// Virtual time since boot.
    pub fn now(&self) -> Instant {
        self.kernel.clock.now()
    }

    /// Wall-clock time.
    pub fn wall_clock(&self) -> UnixTime {
        self.kernel.clock.wall()
    }

    /// `nanosleep(2)`; `EINTR`.
    pub async fn sleep(&self, time: Duration) -> SysResult<()> {
        self.sleep_until(self.now() + time).await
    }

    /// Sleeps until an instant; `EINTR`.
    pub async fn sleep_until(&self, at: Instant) -> SysResult<()> {
        self.interruptible(self.kernel.sleep_until(at)).await
    }

    /// Waits for the next wake of a queue; `EINTR`.
    pub async fn wait_on(&self, queue: &WaitQueue) -> SysResult<()> {
        self.interruptible(queue.wait()).await
    }

    /// `getrandom(2)`.
    pub fn random(&self, bytes: &mut [u8]) {
        self.kernel.charge(CALL_COST);
        self.kernel.rng.fill(bytes);
    }

    /// 64 random bits.
    pub fn random_u64(&self) -> u64 {
        self.kernel.rng.next_u64()
    }

    /// Waits for `future`, or until a caught signal is pending.
    pub(crate) async fn interruptible<F: Future>(&self, future: F) -> SysResult<F::Output> {
        self.kernel.charge(CALL_COST);
        Interruptible { sys: self, future: Box::pin(future) }.await
    }

    /// Whether the call that waits now ends with `EINTR`.
    fn take_interrupt(&self) -> bool {
        let take = |p: &mut Process| {
            let interrupted = !p.signals.pending.is_empty() && p.signals.interrupts > 0;
            p.signals.interrupts -= u8::from(interrupted);
            interrupted
        };
        self.main_thread && self.kernel.processes.with(self.pid, take).unwrap_or(false)
    }

    pub(crate) fn signal_pending(&self) -> bool {
        self.main_thread && self.kernel.processes.with(self.pid, |p| !p.signals.pending.is_empty()).unwrap_or(false)
    }
}

struct Interruptible<'a, F> {
    sys: &'a Sys,
    future: Pin<Box<F>>,
}

impl<F: Future> Future for Interruptible<'_, F> {
    type Output = SysResult<F::Output>;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if let Poll::Ready(value) = self.future.as_mut().poll(cx) {
            return Poll::Ready(Ok(value));
        }
        if self.sys.take_interrupt() { Poll::Ready(Err(Errno::EINTR)) } else { Poll::Pending }
    }
}
