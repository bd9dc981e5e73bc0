//! Queues of tasks that wait for something to change.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

/// Tasks waiting on one object. Waking wakes all of them, in the order in which they came: each looks
/// again whether what it waits for holds.
#[derive(Default)]
pub struct WaitQueue {
    wakers: RefCell<Vec<Waker>>,
}

impl WaitQueue {
    /// An empty queue.
    pub fn new() -> WaitQueue {
        WaitQueue::default()
    }

    /// Wakes every waiting task.
    pub fn wake(&self) {
        let wakers = std::mem::take(&mut *self.wakers.borrow_mut());
        for waker in wakers {
            waker.wake();
        }
    }

    /// Adds the current task until the next [`WaitQueue::wake`].
    pub fn register(&self, cx: &Context<'_>) {
        let mut wakers = self.wakers.borrow_mut();
        if !wakers.iter().any(|w| w.will_wake(cx.waker())) {
            wakers.push(cx.waker().clone());
        }
    }

    /// Whether nobody waits. A task that was dropped may still be counted.
    pub fn is_empty(&self) -> bool {
        self.wakers.borrow().is_empty()
    }

    /// Waits for the next wake. Not interrupted by signals: see `Sys::wait_on` for that.
    pub fn wait(&self) -> impl Future<Output = ()> + '_ {
        Wait { queue: self, registered: false }
    }
}

struct Wait<'a> {
    queue: &'a WaitQueue,
    registered: bool,
}

impl Future for Wait<'_> {
    type Output = ();
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.registered {
            return Poll::Ready(());
        }
        self.registered = true;
        self.queue.register(cx);
        Poll::Pending
    }
}
