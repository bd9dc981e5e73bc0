//! Redis Sentinel: watching masters and their replicas, agreeing with other Sentinels that a master is down, choosing
//! who acts, and making a replica the new master.
//!
//! Facts: what redis-server 8.6.3 in Sentinel mode sends, answers, logs and writes to its file. All times are
//! milliseconds of the wall clock, as there.

mod address;
mod commands;
mod config;
mod conn;
mod down;
mod election;
mod events;
mod failover;
mod hello;
mod info;
mod info_state;
mod instance;
mod link;
mod masters;
mod monitor;
mod options;
mod periods;
mod report;
mod requests;
mod rewrite;
mod scripts;
mod start;
#[cfg(test)]
mod tests;
mod timer;

pub use address::{Address, Unusable};
pub use commands::{publish, role};
pub use instance::{Id, Instance, Kind, State, flag};
pub use periods::Periods;
pub use rewrite::{KEYS, Line};
pub use start::{defaults, prepare};

use crate::server::Server;
use instance::nobody;
use link::Link;
use std::collections::{BTreeMap, VecDeque};

/// The channel on which Sentinels tell of themselves.
pub const HELLO: &str = "__sentinel__:hello";
/// Where a Sentinel listens unless told otherwise.
pub const PORT: i64 = 26379;

/// SENTINEL SIMULATE-FAILURE.
#[allow(missing_docs)]
pub mod simulate {
    pub const AFTER_ELECTION: u32 = 1;
    pub const AFTER_PROMOTION: u32 = 2;
}

/// All that a Sentinel knows.
#[derive(Clone, Debug)]
pub struct Sentinel {
    /// Its id: 40 hexadecimal digits, empty until one is chosen.
    pub my_id: String,
    /// The newest epoch it heard of.
    pub current_epoch: u64,
    /// The masters by name.
    pub masters: BTreeMap<String, Id>,
    instances: BTreeMap<Id, Instance>,
    links: BTreeMap<u32, Link>,
    /// Which link a connection belongs to.
    sockets: BTreeMap<u64, (u32, link::Way)>,
    next: u32,
    /// Since when nothing is done since the clock is not to be trusted.
    pub tilt_since: Option<i64>,
    /// How often that was so.
    pub total_tilt: i64,
    previous_time: i64,
    scripts: VecDeque<scripts::Job>,
    /// The address told to others instead of its own.
    pub announce_ip: Option<String>,
    /// The port told to others, unless 0.
    pub announce_port: i64,
    /// Of [`simulate`].
    pub simulate: u32,
    /// Whether SENTINEL SET refuses to change scripts.
    pub deny_scripts_reconfig: bool,
    /// Password for other Sentinels.
    pub auth_pass: Option<String>,
    /// User for other Sentinels.
    pub auth_user: Option<String>,
    /// Whether names may stand for addresses.
    pub resolve_hostnames: bool,
    /// Whether names are shown where there is one.
    pub announce_hostnames: bool,
    /// How often things are done.
    pub periods: Periods,
    /// Ticks a second: changes all the time, so that no two Sentinels keep step.
    pub hz: i64,
    /// A simulated crash ends the process after this event.
    crashed: bool,
    nobody: Box<Instance>,
    no_link: Link,
}

impl Sentinel {
    /// One that knows no master. `now`: Unix milliseconds.
    pub fn new(now: i64) -> Sentinel {
        Sentinel {
            my_id: String::new(),
            current_epoch: 0,
            masters: BTreeMap::new(),
            instances: BTreeMap::new(),
            links: BTreeMap::new(),
            sockets: BTreeMap::new(),
            next: 1,
            tilt_since: None,
            total_tilt: 0,
            previous_time: now,
            scripts: VecDeque::new(),
            announce_ip: None,
            announce_port: 0,
            simulate: 0,
            deny_scripts_reconfig: true,
            auth_pass: None,
            auth_user: None,
            resolve_hostnames: false,
            announce_hostnames: false,
            periods: Periods::default(),
            hz: 10,
            crashed: false,
            nobody: Box::new(nobody()),
            no_link: Link::new(now),
        }
    }

    /// An instance; one that stands for nobody where there is none of that number any more.
    pub fn at(&self, id: Id) -> &Instance {
        self.instances.get(&id).unwrap_or(&self.nobody)
    }

    fn at_mut(&mut self, id: Id) -> &mut Instance {
        self.instances.get_mut(&id).unwrap_or(&mut self.nobody)
    }

    /// The master of an instance: itself where it is one.
    pub fn master_of(&self, id: Id) -> Id {
        self.at(id).master.unwrap_or(id)
    }

    fn link_of(&self, id: Id) -> &Link {
        self.links.get(&self.at(id).link).unwrap_or(&self.no_link)
    }

    fn link_mut(&mut self, id: Id) -> &mut Link {
        let link = self.at(id).link;
        self.links.get_mut(&link).unwrap_or(&mut self.no_link)
    }

    fn replicas_of(&self, master: Id) -> Vec<Id> {
        self.at(master).replicas.values().copied().collect()
    }

    fn sentinels_of(&self, master: Id) -> Vec<Id> {
        self.at(master).sentinels.values().copied().collect()
    }

    fn all_masters(&self) -> Vec<Id> {
        self.masters.values().copied().collect()
    }
}

/// A Sentinel at work: what it knows, and the server that it is.
pub struct Watch<'a> {
    /// What it knows.
    pub me: &'a mut Sentinel,
    /// The server around.
    pub server: &'a mut Server,
}

impl Watch<'_> {
    fn now(&self) -> i64 {
        self.server.now_ms
    }
}

impl Server {
    /// Lets the Sentinel work; nothing where this is none.
    pub fn as_sentinel(&mut self, work: impl FnOnce(&mut Watch<'_>)) {
        let Some(mut me) = self.sentinel.take() else { return };
        work(&mut Watch { me: &mut me, server: self });
        self.sentinel = Some(me);
    }
}
