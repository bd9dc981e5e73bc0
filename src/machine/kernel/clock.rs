//! Virtual time.

use std::cell::Cell;
use std::rc::Rc;

/// Nanoseconds of virtual time since the machine was switched on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Hash)]
pub struct Instant(pub u64);

impl Instant {
    /// Time from `earlier` to this, zero if that lies ahead.
    pub fn since(self, earlier: Instant) -> std::time::Duration {
        std::time::Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }

    /// Whole milliseconds since boot.
    pub fn as_millis(self) -> u64 {
        self.0 / 1_000_000
    }
}

impl std::ops::Add<std::time::Duration> for Instant {
    type Output = Instant;
    fn add(self, d: std::time::Duration) -> Instant {
        Instant(self.0.saturating_add(u64::try_from(d.as_nanos()).unwrap_or(u64::MAX)))
    }
}

/// Nanoseconds since 1970-01-01T00:00:00Z, as files and logs carry them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Hash)]
pub struct UnixTime(pub i64);

impl UnixTime {
    /// Whole seconds since the epoch, rounded down.
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000_000)
    }

    /// Nanoseconds within the second.
    pub fn subsec_nanos(self) -> u32 {
        self.0.rem_euclid(1_000_000_000) as u32
    }
}

/// The machine's clock, shared by handle. Only the executor moves it.
#[derive(Clone)]
pub struct Clock {
    now: Rc<Cell<u64>>,
    boot: UnixTime,
}

impl Clock {
    /// A clock that shows `boot` as wall-clock time at instant zero.
    pub fn new(boot: UnixTime) -> Clock {
        Clock { now: Rc::default(), boot }
    }

    /// Time since boot.
    pub fn now(&self) -> Instant {
        Instant(self.now.get())
    }

    /// Wall-clock time (UTC).
    pub fn wall(&self) -> UnixTime {
        UnixTime(self.boot.0 + self.now.get() as i64)
    }

    /// When the machine was switched on.
    pub fn boot(&self) -> UnixTime {
        self.boot
    }

    pub(crate) fn advance_to(&self, at: Instant) {
        debug_assert!(at.0 >= self.now.get());
        self.now.set(at.0);
    }
}
