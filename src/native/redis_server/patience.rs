//! Waiting for events, at first without sleeping.

#![allow(clippy::disallowed_types, clippy::disallowed_methods)] // how long the real system takes is the question here

use mio::{Events, Poll};
use std::io;
use std::time::{Duration, Instant};

/// So long the process looks for events before it sleeps, at most.
const MOST: Duration = Duration::from_micros(20);
/// Shorter than this is not worth a look.
const LEAST: Duration = Duration::from_micros(2);
/// A sleep shorter than this, waking up included, might as well have been a look.
const NAP: Duration = Duration::from_micros(100);
/// After so many naps looking is tried again, at most.
const NAPS: u32 = 64;

/// How long the process looks for events before it sleeps.
///
/// Where a client answers within microseconds, waking up takes longer than that, and to wake another process takes the
/// client's processor time: a server that is a little faster than its clients would be slowed down by its own
/// sleep. So it looks again where looking led to something lately, and sleeps at once where it did not:
/// clients may be slow, or have to run on this very processor. (A hypervisor does the same before it halts a
/// virtual processor.)
pub struct Patience {
    /// Zero where the process sleeps at once.
    now: Duration,
    /// There is no other processor on which clients can run meanwhile.
    alone: bool,
    /// Naps since the process began to sleep at once, and how many of them lead to a new trial.
    naps: u32,
    needed: u32,
}

impl Patience {
    /// Sleeps at once, until that proves hasty.
    pub fn new() -> Patience {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Patience { now: Duration::ZERO, alone: processors == 1, naps: 0, needed: 1 }
    }

    /// Waits for events as [`Poll::poll`] does. `events` are those of the last time: where there were none, nobody is
    /// at work who might ask again soon.
    pub fn wait(&mut self, poll: &mut Poll, events: &mut Events, pause: Duration) -> io::Result<()> {
        if self.alone || events.is_empty() || pause.is_zero() {
            return poll.poll(events, Some(pause));
        }
        let begun = Instant::now();
        let until = self.now.min(pause);
        let mut gone = Duration::ZERO;
        while gone < until {
            poll.poll(events, Some(Duration::ZERO))?;
            if !events.is_empty() {
                self.now = MOST;
                self.needed = 1;
                return Ok(());
            }
            gone = begun.elapsed();
        }
        poll.poll(events, Some(pause))?;
        self.slept(begun.elapsed());
        Ok(())
    }

    /// The process had to sleep; all that took so long.
    fn slept(&mut self, took: Duration) {
        if !self.now.is_zero() {
            self.now /= 4;
            if self.now < LEAST {
                self.now = Duration::ZERO;
                self.naps = 0;
                self.needed = (self.needed * 2).min(NAPS);
            }
        } else if took < NAP {
            self.naps += 1;
            if self.naps >= self.needed {
                self.now = MOST;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_millis(5);

    fn patience(now: Duration) -> Patience {
        Patience { now, alone: false, naps: 0, needed: 1 }
    }

    #[test]
    fn is_won_by_naps_and_lost_by_sleeping() {
        let mut patience = patience(Duration::ZERO);
        let nap = Duration::from_micros(60);
        for needed in [1, 2, 4, 8, 16, 32, 64, 64] {
            patience.slept(LONG);
            for n in 0..needed {
                assert_eq!(patience.now, Duration::ZERO, "{n} of {needed}");
                patience.slept(nap);
            }
            assert_eq!(patience.now, MOST);
            patience.slept(nap);
            patience.slept(LONG);
        }
    }

    #[test]
    fn waits_no_longer_than_it_may() {
        let mut poll = Poll::new().unwrap();
        let mut events = Events::with_capacity(8);
        let waker = mio::Waker::new(poll.registry(), mio::Token(1)).unwrap();
        let mut patience = patience(MOST);
        for pause in [Duration::ZERO, Duration::from_millis(1), Duration::from_millis(1)] {
            waker.wake().unwrap();
            poll.poll(&mut events, Some(LONG)).unwrap();
            assert!(!events.is_empty());
            patience.wait(&mut poll, &mut events, pause).unwrap();
            assert!(events.is_empty());
        }
        assert_eq!(patience.now, Duration::ZERO);
        // What is there is found without sleep.
        patience.now = MOST;
        waker.wake().unwrap();
        poll.poll(&mut events, Some(LONG)).unwrap();
        waker.wake().unwrap();
        patience.wait(&mut poll, &mut events, LONG).unwrap();
        assert!(!events.is_empty());
        assert_eq!(patience.now, MOST);
    }
}
