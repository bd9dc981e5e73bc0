//! What happens at every tick.

use super::{Id, Kind, State, Watch};
use crate::server::{Level, Server};

impl Server {
    /// The Sentinel's turn. Gives how many ticks a second there are to be.
    pub fn sentinel_cron(&mut self) -> Option<i64> {
        self.sentinel.as_ref()?;
        self.as_sentinel(|watch| watch.turn());
        let desync = self.random_below(10) as i64;
        let me = self.sentinel.as_mut()?;
        me.hz = 10 + desync;
        Some(me.hz)
    }
}

impl Watch<'_> {
    fn turn(&mut self) {
        self.check_clock();
        let mut promoted = None;
        for master in self.me.all_masters() {
            self.handle(master);
            for id in [self.me.replicas_of(master), self.me.sentinels_of(master)].concat() {
                self.handle(id);
            }
            if self.me.at(master).state == State::UpdateConfig {
                promoted = Some(master);
            }
            if self.me.crashed {
                return;
            }
        }
        if let Some(master) = promoted {
            self.switch_to_promoted(master);
        }
        self.run_scripts();
    }

    /// Where the clock jumped, or the process stood still, nothing seen can be trusted for a while.
    fn check_clock(&mut self) {
        let now = self.now();
        let passed = now - self.me.previous_time;
        self.me.previous_time = now;
        if passed < 0 || passed > self.me.periods.tilt_trigger {
            self.me.tilt_since = Some(now);
            self.me.total_tilt += 1;
            self.tell(Level::Warning, "+tilt", None, "#tilt mode entered");
        }
    }

    fn handle(&mut self, id: Id) {
        self.reconnect(id);
        self.send_periodic(id);
        if let Some(since) = self.me.tilt_since {
            if self.now() - since < self.me.periods.tilt {
                return;
            }
            self.me.tilt_since = None;
            self.tell(Level::Warning, "-tilt", None, "#tilt mode exited");
        }
        self.check_s_down(id);
        if self.is(id, Kind::Master) {
            self.check_o_down(id);
            if self.start_failover_if_needed(id) {
                self.ask_others(id, true);
            }
            self.step_failover(id);
            if self.me.crashed {
                return;
            }
            self.ask_others(id, false);
        }
    }
}
