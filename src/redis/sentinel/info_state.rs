//! What follows from the role an instance says it has.

use super::{Id, Kind, State, Watch, flag, simulate};
use crate::server::Level;

impl Watch<'_> {
    /// INFO told the role.
    pub(super) fn role_told(&mut self, id: Id, role: Option<Kind>) {
        let now = self.now();
        let instance = self.me.at_mut(id);
        if role != instance.role {
            instance.role = role;
            instance.role_since = now;
            if role == Some(Kind::Replica) {
                instance.conf_changed = now;
            }
            let name = if role == Some(instance.kind) { "+role-change" } else { "-role-change" };
            let word = if role == Some(Kind::Master) { "master" } else { "slave" };
            self.event(Level::Verbose, name, id, &format!(" new reported role is {word}"));
        }
        if self.me.tilt_since.is_some() || !self.is(id, Kind::Replica) {
            return;
        }
        match role {
            Some(Kind::Master) => self.replica_is_master(id),
            Some(Kind::Replica) => {
                self.check_followed(id);
                self.check_reconf(id);
            }
            _ => {}
        }
    }

    /// A replica says it is a master: the one that was promoted, or one that has to be told.
    fn replica_is_master(&mut self, id: Id) {
        let master = self.me.master_of(id);
        let promoted = self.me.at(id).has(flag::PROMOTED);
        let m = self.me.at(master);
        if promoted && m.has(flag::FAILOVER) && m.state == State::WaitPromotion {
            let epoch = m.failover_epoch;
            self.me.at_mut(master).config_epoch = epoch;
            self.enter(master, State::ReconfReplicas);
            self.save();
            self.warn("+promoted-slave", id);
            if self.me.simulate & simulate::AFTER_PROMOTION != 0 {
                return self.crash();
            }
            self.warn("+failover-state-reconf-slaves", master);
            let (from, to) = (self.me.at(master).addr.clone(), self.me.at(id).addr.clone());
            self.call_reconf_script(master, "leader", &from, &to);
            self.force_hello(master);
            return;
        }
        let (now, wait) = (self.now(), self.me.periods.publish.saturating_mul(4));
        let replica = self.me.at(id);
        let long = replica.was_up_for(now, wait) && now - replica.role_since > wait;
        if !promoted && self.looks_sane(master) && long {
            let addr = self.me.at(master).addr.clone();
            if self.send_replicaof(id, Some(&addr)) {
                self.note("+convert-to-slave", id);
            }
        }
    }

    /// A replica that follows another master is corrected.
    fn check_followed(&mut self, id: Id) {
        let (now, master) = (self.now(), self.me.master_of(id));
        let (replica, m) = (self.me.at(id), self.me.at(master));
        let host = replica.master_host.as_deref().unwrap_or_default();
        let wrong =
            replica.master_port != i64::from(m.addr.port) || !self.me.is_host(self.server.host.as_mut(), &m.addr, host);
        let wait = m.failover_timeout;
        let long = replica.was_up_for(now, wait) && now - replica.conf_changed > wait;
        if wrong && long && self.looks_sane(master) {
            let addr = self.me.at(master).addr.clone();
            if self.send_replicaof(id, Some(&addr)) {
                self.note("+fix-slave-config", id);
            }
        }
    }

    /// A replica that was told to follow the new master does so by and by.
    fn check_reconf(&mut self, id: Id) {
        let replica = self.me.at(id);
        if !replica.has(flag::RECONF_SENT | flag::RECONF_INPROG) {
            return;
        }
        let promoted = self.me.at(self.me.master_of(id)).promoted;
        let follows = promoted.is_some_and(|new| {
            let addr = &self.me.at(new).addr;
            let host = replica.master_host.as_deref();
            host.is_some_and(|host| self.me.is_host(self.server.host.as_mut(), addr, host))
                && replica.master_port == i64::from(addr.port)
        });
        let up = replica.master_link_up;
        if replica.has(flag::RECONF_SENT) && follows {
            let replica = self.me.at_mut(id);
            replica.flags = replica.flags & !flag::RECONF_SENT | flag::RECONF_INPROG;
            self.note("+slave-reconf-inprog", id);
        }
        if self.me.at(id).has(flag::RECONF_INPROG) && up {
            let replica = self.me.at_mut(id);
            replica.flags = replica.flags & !flag::RECONF_INPROG | flag::RECONF_DONE;
            self.note("+slave-reconf-done", id);
        }
    }
}
