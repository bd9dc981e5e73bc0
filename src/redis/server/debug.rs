//! What DEBUG switches on and off, and its SLEEP: a server that serves nobody for a while.

use super::Server;

/// Switches of DEBUG that tests of a server use.
#[derive(Clone, Debug)]
pub struct Switches {
    /// PAUSE-CRON: nothing happens by itself.
    pub pause_cron: bool,
    /// DICT-RESIZING: tables of keys may be resized.
    pub dict_resizing: bool,
    /// SET-ALLOW-ACCESS-EXPIRED: keys whose time has come are still there.
    pub allow_access_expired: bool,
    /// SET-SKIP-CHECKSUM-VALIDATION: payloads and files are believed.
    pub skip_checksum: bool,
    /// SET-DISABLE-DENY-SCRIPTS: scripts may run commands that they must not.
    pub scripts_may_all: bool,
    /// DROP-CLUSTER-PACKET-FILTER: messages of this type are ignored; none where negative.
    pub dropped_packets: i64,
    /// REPLYBUFFER PEAK-RESET-TIME in milliseconds; never where negative.
    pub reply_peak_reset: i64,
    /// REPLYBUFFER RESIZING.
    pub reply_resizing: bool,
    /// SLEEP.
    sleep: Sleep,
}

/// How often the peak of a reply buffer is forgotten, in milliseconds.
pub const REPLY_PEAK_RESET: i64 = 5000;

impl Default for Switches {
    fn default() -> Switches {
        Switches {
            pause_cron: false,
            dict_resizing: true,
            allow_access_expired: false,
            skip_checksum: false,
            scripts_may_all: false,
            dropped_packets: -1,
            reply_peak_reset: REPLY_PEAK_RESET,
            reply_resizing: true,
            sleep: Sleep::default(),
        }
    }
}

/// Something that happened while the server slept.
#[derive(Clone, Debug)]
enum Held {
    Received(u64, Vec<u8>),
    Disconnected(u64),
    Connected(u64, Result<String, String>),
}

/// A sleep in progress.
#[derive(Clone, Debug, Default)]
struct Sleep {
    /// Until when, in microseconds of the monotonic clock.
    until: Option<i64>,
    /// What happened meanwhile, in order.
    held: Vec<Held>,
    /// How long all sleeps of this event last together, in microseconds.
    total: i64,
    /// Who gave the command: the rest of its input waits too.
    by: u64,
    /// The one connection that is served all the same.
    but_for: Option<u64>,
}

impl Server {
    /// Serves nobody for so many microseconds: what arrives waits, and nothing is sent.
    pub fn sleep(&mut self, micros: i64, by: u64) {
        let micros = micros.max(0);
        let start = self.debug.sleep.until.unwrap_or_else(|| self.host.mono_us());
        self.debug.sleep.until = Some(start.saturating_add(micros));
        self.debug.sleep.total = self.debug.sleep.total.saturating_add(micros);
        self.debug.sleep.by = by;
    }

    /// How long the sleeps that were just begun will last, in microseconds: part of what their commands take.
    pub(super) fn slept(&self) -> i64 {
        self.debug.sleep.total
    }

    /// Serves one connection only, for at most so many microseconds.
    pub(super) fn sleep_but_for(&mut self, conn: u64, micros: i64, by: u64) {
        let sleep = &mut self.debug.sleep;
        sleep.until = Some(self.host.mono_us().saturating_add(micros));
        sleep.but_for = Some(conn);
        sleep.by = by;
    }

    /// Whether the server sleeps as far as a connection is concerned.
    pub(super) fn asleep_for(&self, conn: u64) -> bool {
        self.asleep() && self.debug.sleep.but_for != Some(conn)
    }

    /// The connection that is served while the server sleeps.
    pub(super) fn served_asleep(&self) -> Option<u64> {
        self.debug.sleep.but_for
    }

    /// Whether the server sleeps.
    pub fn asleep(&self) -> bool {
        self.debug.sleep.until.is_some()
    }

    /// When it wakes, in microseconds of the monotonic clock.
    pub(super) fn wakes_at(&self) -> Option<i64> {
        self.debug.sleep.until
    }

    pub(super) fn hold_received(&mut self, id: u64, data: &[u8]) {
        self.debug.sleep.held.push(Held::Received(id, data.to_vec()));
    }

    pub(super) fn hold_disconnected(&mut self, id: u64) {
        self.debug.sleep.held.push(Held::Disconnected(id));
    }

    pub(super) fn hold_connected(&mut self, id: u64, result: Result<String, String>) {
        self.debug.sleep.held.push(Held::Connected(id, result));
    }

    /// Wakes if it is time, and takes up what happened meanwhile. False while the sleep goes on.
    pub(super) fn wake_if_due(&mut self) -> bool {
        let Some(until) = self.debug.sleep.until else { return true };
        if self.host.mono_us() < until {
            return false;
        }
        if self.debug.sleep.but_for.is_some() {
            self.migrate_late();
        } else {
            self.wake();
        }
        !self.asleep()
    }

    /// Takes up what happened during a sleep.
    pub(super) fn wake(&mut self) {
        let sleep = std::mem::take(&mut self.debug.sleep);
        self.refresh_time();
        self.serve_ready_keys();
        self.process_input(sleep.by);
        for event in sleep.held {
            match event {
                Held::Received(id, data) => self.received(id, &data),
                Held::Disconnected(id) => self.disconnected(id),
                Held::Connected(id, result) => self.connected(id, result),
            }
        }
    }
}
