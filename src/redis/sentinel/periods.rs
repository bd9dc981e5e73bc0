//! How often things are done, and how long they may take: what SENTINEL DEBUG shows and sets.

/// Names as SENTINEL DEBUG shows them; it takes them in small letters.
pub const NAMES: [&str; 13] = [
    "INFO-PERIOD",
    "PING-PERIOD",
    "ASK-PERIOD",
    "PUBLISH-PERIOD",
    "DEFAULT-DOWN-AFTER",
    "DEFAULT-FAILOVER-TIMEOUT",
    "TILT-TRIGGER",
    "TILT-PERIOD",
    "SLAVE-RECONF-TIMEOUT",
    "MIN-LINK-RECONNECT-PERIOD",
    "ELECTION-TIMEOUT",
    "SCRIPT-MAX-RUNTIME",
    "SCRIPT-RETRY-DELAY",
];

/// Periods in milliseconds.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Periods {
    pub info: i64,
    pub ping: i64,
    pub ask: i64,
    pub publish: i64,
    pub down_after: i64,
    pub failover_timeout: i64,
    pub tilt_trigger: i64,
    pub tilt: i64,
    pub reconf_timeout: i64,
    pub reconnect: i64,
    pub election: i64,
    pub script_runtime: i64,
    pub script_retry: i64,
}

impl Default for Periods {
    fn default() -> Periods {
        Periods {
            info: 10_000,
            ping: 1000,
            ask: 1000,
            publish: 2000,
            down_after: 30_000,
            failover_timeout: 180_000,
            tilt_trigger: 2000,
            tilt: 30_000,
            reconf_timeout: 10_000,
            reconnect: 15_000,
            election: 10_000,
            script_runtime: 60_000,
            script_retry: 30_000,
        }
    }
}

impl Periods {
    /// All of them, in the order of [`NAMES`].
    pub fn all(&mut self) -> [&mut i64; 13] {
        [
            &mut self.info,
            &mut self.ping,
            &mut self.ask,
            &mut self.publish,
            &mut self.down_after,
            &mut self.failover_timeout,
            &mut self.tilt_trigger,
            &mut self.tilt,
            &mut self.reconf_timeout,
            &mut self.reconnect,
            &mut self.election,
            &mut self.script_runtime,
            &mut self.script_retry,
        ]
    }
}
