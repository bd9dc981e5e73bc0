//! Instances come and go.

use super::link::Link;
use super::{Address, Id, Instance, Kind, Sentinel, State, Unusable, Watch};
use crate::server::{Host, Level};

/// A new instance.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// What it is.
    pub kind: Kind,
    /// Its name; replicas are called by their address.
    pub name: &'a str,
    /// Where it is.
    pub host: &'a str,
    /// Where it is.
    pub port: i64,
    /// How many have to agree.
    pub quorum: i64,
    /// Whose replica or Sentinel it is.
    pub master: Option<Id>,
}

impl Sentinel {
    /// Adds an instance.
    pub fn create(&mut self, host: &mut dyn Host, now: i64, wanted: Wanted<'_>) -> Result<Id, Unusable> {
        let addr = self.address(host, wanted.host, wanted.port, true)?;
        let name = match wanted.kind {
            Kind::Replica => self.with_port(&addr),
            _ => wanted.name.to_owned(),
        };
        let master = wanted.master.unwrap_or_default();
        let taken = match wanted.kind {
            Kind::Master => self.masters.contains_key(&name),
            Kind::Replica => self.at(master).replicas.contains_key(&name),
            Kind::Sentinel => self.at(master).sentinels.contains_key(&name),
        };
        if taken {
            return Err(Unusable::Busy);
        }
        let (id, link) = (self.next, self.next.wrapping_add(1));
        self.next = self.next.wrapping_add(2);
        let mut instance = Instance::new(wanted.kind, name.clone(), addr, link, now);
        instance.quorum = wanted.quorum;
        instance.master = wanted.master;
        instance.failover_timeout = self.periods.failover_timeout;
        instance.down_after = match wanted.master {
            Some(master) => self.at(master).down_after,
            None => self.periods.down_after,
        };
        self.links.insert(link, Link::new(now));
        self.instances.insert(id, instance);
        match wanted.kind {
            Kind::Master => self.masters.insert(name, id),
            Kind::Replica => self.at_mut(master).replicas.insert(name, id),
            Kind::Sentinel => self.at_mut(master).sentinels.insert(name, id),
        };
        Ok(id)
    }

    /// The first instance of these at an address or with an id, or with both.
    pub fn look_up(
        &self,
        host: &mut dyn Host,
        among: &[Id],
        addr: Option<(&str, i64)>,
        run_id: Option<&str>,
    ) -> Option<Id> {
        let addr = match addr {
            Some((name, port)) => Some(self.address(host, name, port, true).ok()?),
            None => None,
        };
        among.iter().copied().find(|id| {
            let instance = self.at(*id);
            run_id.is_none_or(|wanted| instance.run_id.as_deref() == Some(wanted))
                && addr.as_ref().is_none_or(|addr| instance.addr.same(addr))
        })
    }

    /// A change of a master's `down-after-milliseconds` holds for all that belong to it.
    pub fn spread_down_after(&mut self, master: Id) {
        let down_after = self.at(master).down_after;
        for id in [self.replicas_of(master), self.sentinels_of(master)].concat() {
            self.at_mut(id).down_after = down_after;
        }
    }
}

impl Watch<'_> {
    /// Adds an instance.
    pub(super) fn create(&mut self, wanted: Wanted<'_>) -> Result<Id, Unusable> {
        let now = self.now();
        self.me.create(self.server.host.as_mut(), now, wanted)
    }

    /// Adds a replica, and says so.
    pub(super) fn add_replica(&mut self, master: Id, host: &str, port: i64) -> Option<Id> {
        let quorum = self.me.at(master).quorum;
        let wanted = Wanted { kind: Kind::Replica, name: "", host, port, quorum, master: Some(master) };
        let id = self.create(wanted).ok()?;
        self.event(Level::Notice, "+slave", id, "");
        Some(id)
    }

    /// Forgets an instance, and all that belong to it.
    pub(super) fn release(&mut self, id: Id) {
        for part in [self.me.replicas_of(id), self.me.sentinels_of(id)].concat() {
            self.release_one(part);
        }
        self.release_one(id);
    }

    fn release_one(&mut self, id: Id) {
        self.release_link(id);
        let Some(gone) = self.me.instances.remove(&id) else { return };
        if gone.kind == Kind::Master {
            self.me.masters.remove(&gone.name);
        }
        if let Some(master) = gone.master {
            let master = self.me.at_mut(master);
            match gone.kind {
                Kind::Replica => master.replicas.remove(&gone.name),
                _ => master.sentinels.remove(&gone.name),
            };
            if master.promoted == Some(id) {
                master.promoted = None;
            }
        }
    }

    /// Removes the Sentinel of that id from a master. Whether there was one.
    pub(super) fn remove_sentinel(&mut self, master: Id, run_id: &str) -> bool {
        let all = self.me.sentinels_of(master).into_iter();
        let same: Vec<Id> = all.filter(|id| self.me.at(*id).run_id.as_deref() == Some(run_id)).collect();
        same.iter().for_each(|id| self.release(*id));
        !same.is_empty()
    }

    /// Begins anew with a master: nothing is known but its name and address, and with `keep` the other Sentinels.
    pub(super) fn reset(&mut self, id: Id, keep: bool, say: bool) {
        let now = self.now();
        for replica in self.me.replicas_of(id) {
            self.release(replica);
        }
        if !keep {
            for sentinel in self.me.sentinels_of(id) {
                self.release(sentinel);
            }
        }
        self.close_lines(id);
        let master = self.me.at_mut(id);
        master.flags = 0;
        master.leader = None;
        master.state = State::None;
        master.state_since = 0;
        master.failover_start = 0;
        master.promoted = None;
        master.run_id = None;
        master.master_host = None;
        master.role_since = now;
        master.role = Some(Kind::Master);
        let link = self.me.link_mut(id);
        link.act_ping = now;
        link.last_ping = 0;
        link.last_avail = now;
        link.last_pong = now;
        if say {
            self.event(Level::Warning, "+reset-master", id, "");
        }
    }

    /// A master is elsewhere now; where it was, a replica will be.
    pub(super) fn switch_address(&mut self, id: Id, host: &str, port: i64) {
        let Ok(new) = self.me.address(self.server.host.as_mut(), host, port, false) else { return };
        let old = self.me.at(id).addr.clone();
        let addresses = self.me.replicas_of(id).into_iter().map(|replica| self.me.at(replica).addr.clone());
        let mut replicas: Vec<Address> = addresses.filter(|addr| !addr.same(&new)).collect();
        if !new.same(&old) {
            replicas.push(old);
        }
        self.reset(id, true, false);
        let master = self.me.at_mut(id);
        master.addr = new;
        master.o_down_since = 0;
        master.s_down_since = 0;
        for addr in replicas {
            self.add_replica(id, &addr.hostname, i64::from(addr.port));
        }
        self.save();
    }
}
