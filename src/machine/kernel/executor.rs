//! The one single-threaded executor: a ready queue in first-in first-out order and a timer heap.
//!
//! A task is polled in slices. What a slice charges moves the clock, so two runs of the same machine
//! take the same steps at the same instants. The executor knows nothing of processes but whether one
//! may run.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Wake, Waker};

use super::clock::Instant;

/// A task of the executor: one thread of one process.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct TaskId(pub(crate) u64);

pub(crate) type BoxFuture = Pin<Box<dyn Future<Output = ()>>>;

type ReadyQueue = Arc<Mutex<VecDeque<TaskId>>>;

struct TaskWaker {
    task: TaskId,
    queued: std::sync::atomic::AtomicBool,
    ready: ReadyQueue,
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        use std::sync::atomic::Ordering::Relaxed;
        if !self.queued.swap(true, Relaxed) {
            self.ready.lock().unwrap_or_else(PoisonError::into_inner).push_back(self.task);
        }
    }
}

struct Task {
    /// `None` while it is being polled.
    future: Option<BoxFuture>,
    /// It gave way only because its quantum was used up: it computes, and may do so for ever.
    preempted: bool,
    waker: Arc<TaskWaker>,
}

/// What a poll of a task came to.
pub(crate) enum Polled {
    /// The task is unknown or finished before.
    Gone,
    /// It waits for something, or is queued again.
    Pending,
    /// It came to its end.
    Finished,
}

/// The executor. See the module's text.
#[derive(Default)]
pub(crate) struct Executor {
    tasks: RefCell<BTreeMap<TaskId, Task>>,
    ready: ReadyQueue,
    timers: RefCell<BTreeMap<(Instant, u64), Waker>>,
    next_task: Cell<u64>,
    next_timer: Cell<u64>,
}

impl Executor {
    /// Adds a task and makes it ready.
    pub fn spawn(&self, future: BoxFuture) -> TaskId {
        let id = TaskId(self.next_task.get());
        self.next_task.set(id.0 + 1);
        let waker = Arc::new(TaskWaker { task: id, queued: false.into(), ready: self.ready.clone() });
        waker.wake_by_ref();
        self.tasks.borrow_mut().insert(id, Task { future: Some(future), preempted: false, waker });
        id
    }

    /// Ends a task. Returns its future, to be dropped by the caller where no part of the kernel is borrowed.
    #[must_use]
    pub fn remove(&self, id: TaskId) -> Option<BoxFuture> {
        self.tasks.borrow_mut().remove(&id).and_then(|task| task.future)
    }

    /// Makes a task ready.
    pub fn wake(&self, id: TaskId) {
        if let Some(task) = self.tasks.borrow().get(&id) {
            task.waker.wake_by_ref();
        }
    }

    /// The next ready task, taken from the queue.
    pub fn pop_ready(&self) -> Option<TaskId> {
        self.ready.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }

    /// Whether some task is ready.
    pub fn has_ready(&self) -> bool {
        !self.ready.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// Whether some task is ready that does not just go on computing.
    pub fn has_news(&self) -> bool {
        let tasks = self.tasks.borrow();
        let ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        ready.iter().any(|id| tasks.get(id).is_none_or(|task| !task.preempted))
    }

    /// Notes that a task gives way because its quantum is used up.
    pub fn preempt(&self, id: TaskId) {
        if let Some(task) = self.tasks.borrow_mut().get_mut(&id) {
            task.preempted = true;
        }
    }

    /// Marks a popped task as not queued, so that a wake queues it again.
    pub fn unqueue(&self, id: TaskId) {
        if let Some(task) = self.tasks.borrow().get(&id) {
            task.waker.queued.store(false, std::sync::atomic::Ordering::Relaxed);
        }
    }

    /// Polls a popped task once.
    pub fn poll(&self, id: TaskId) -> Polled {
        let (mut future, waker) = {
            let mut tasks = self.tasks.borrow_mut();
            let Some(task) = tasks.get_mut(&id) else { return Polled::Gone };
            task.waker.queued.store(false, std::sync::atomic::Ordering::Relaxed);
            task.preempted = false;
            let Some(future) = task.future.take() else { return Polled::Gone };
            (future, Waker::from(task.waker.clone()))
        };
        let polled = future.as_mut().poll(&mut Context::from_waker(&waker));
        if polled.is_ready() {
            self.tasks.borrow_mut().remove(&id);
            return Polled::Finished;
        }
        let mut tasks = self.tasks.borrow_mut();
        if let Some(task) = tasks.get_mut(&id) {
            task.future = Some(future);
        } else {
            // The task ended itself (`exit`, `execve`, a signal): its future goes with nothing borrowed.
            drop(tasks);
            drop(future);
        }
        Polled::Pending
    }

    /// Wakes `waker` at `at`. The number is for [`Executor::cancel_timer`].
    pub fn add_timer(&self, at: Instant, waker: Waker) -> u64 {
        let number = self.next_timer.get();
        self.next_timer.set(number + 1);
        self.timers.borrow_mut().insert((at, number), waker);
        number
    }

    /// Forgets a timer.
    pub fn cancel_timer(&self, at: Instant, number: u64) {
        self.timers.borrow_mut().remove(&(at, number));
    }

    /// When the next timer is due.
    pub fn next_timer(&self) -> Option<Instant> {
        self.timers.borrow().first_key_value().map(|(key, _)| key.0)
    }

    /// Wakes all whose time has come.
    pub fn fire_timers(&self, now: Instant) {
        loop {
            let mut timers = self.timers.borrow_mut();
            let Some(entry) = timers.first_entry() else { return };
            if entry.key().0 > now {
                return;
            }
            let waker = entry.remove();
            drop(timers);
            waker.wake();
        }
    }

    /// How many tasks there are.
    pub fn len(&self) -> usize {
        self.tasks.borrow().len()
    }
}
