//! Failover: from the decision to try to the new master.

use super::{Id, State, Watch, flag, simulate};
use crate::server::Level;

impl Watch<'_> {
    /// Starts a failover.
    pub(super) fn start_failover(&mut self, id: Id) {
        let epoch = self.me.current_epoch.wrapping_add(1);
        self.me.current_epoch = epoch;
        let master = self.me.at_mut(id);
        master.flags |= flag::FAILOVER;
        master.failover_epoch = epoch;
        master.state = State::WaitStart;
        self.say_epoch(id);
        self.warn("+try-failover", id);
        let start = self.now() + self.desync();
        self.me.at_mut(id).failover_start = start;
        self.enter(id, State::WaitStart);
    }

    /// Starts one where the master is down, none is in progress and the last try is long ago.
    pub(super) fn start_failover_if_needed(&mut self, id: Id) -> bool {
        let now = self.now();
        let master = self.me.at_mut(id);
        if !master.has(flag::O_DOWN) || master.has(flag::FAILOVER) {
            return false;
        }
        let not_before = master.failover_start.saturating_add(master.failover_timeout.saturating_mul(2));
        if now < not_before {
            if master.delay_logged != master.failover_start {
                master.delay_logged = master.failover_start;
                let when = machine::calendar::strftime("%c", not_before.div_euclid(1000));
                self.server.notice(&format!("Next failover delay: I will not start a failover before {when}"));
            }
            return false;
        }
        self.start_failover(id);
        true
    }

    /// The replica to be promoted: the one with the lowest priority number, of these the one with most of the
    /// stream, of these the one with the smallest run id.
    pub(super) fn select_replica(&self, id: Id) -> Option<Id> {
        let now = self.now();
        let master = self.me.at(id);
        let down = master.has(flag::S_DOWN);
        let since = if down { now - master.s_down_since } else { 0 };
        let most_down = master.down_after.saturating_mul(10).saturating_add(since);
        let ping = self.me.periods.ping.saturating_mul(5);
        let stale = if down { ping } else { self.me.periods.info.saturating_mul(3) };
        let good = |id: &Id| {
            let (replica, link) = (self.me.at(*id), self.me.link_of(*id));
            !replica.has(flag::S_DOWN | flag::O_DOWN)
                && !link.disconnected
                && now - link.last_avail <= ping
                && replica.priority != 0
                && now - replica.info_refresh <= stale
                && replica.link_down_time <= most_down
        };
        self.me.replicas_of(id).into_iter().filter(good).min_by_key(|id| {
            let replica = self.me.at(*id);
            let run_id = replica.run_id.as_ref().map(|id| id.to_ascii_lowercase());
            (replica.priority, std::cmp::Reverse(replica.offset), run_id.is_none(), run_id)
        })
    }

    /// Gives a failover up.
    fn abort(&mut self, id: Id) {
        self.enter(id, State::None);
        let master = self.me.at_mut(id);
        master.flags &= !(flag::FAILOVER | flag::FORCE_FAILOVER);
        if let Some(promoted) = master.promoted.take() {
            self.me.at_mut(promoted).flags &= !flag::PROMOTED;
        }
    }

    /// One step of a failover in progress.
    pub(super) fn step_failover(&mut self, id: Id) {
        if !self.me.at(id).has(flag::FAILOVER) {
            return;
        }
        match self.me.at(id).state {
            State::WaitStart => self.wait_start(id),
            State::SelectReplica => self.promote(id),
            State::SendNoOne => self.send_no_one(id),
            State::WaitPromotion => self.give_up_if_late(id),
            State::ReconfReplicas => self.reconf_replicas(id),
            State::None | State::UpdateConfig => {}
        }
    }

    fn wait_start(&mut self, id: Id) {
        let leader = self.leader(id, self.me.at(id).failover_epoch);
        let chosen = leader.is_some_and(|leader| leader.eq_ignore_ascii_case(&self.me.my_id));
        let master = self.me.at(id);
        if !chosen && !master.has(flag::FORCE_FAILOVER) {
            let patience = self.me.periods.election.min(master.failover_timeout);
            if self.now() - master.failover_start > patience {
                self.warn("-failover-abort-not-elected", id);
                self.abort(id);
            }
            return;
        }
        self.warn("+elected-leader", id);
        if self.me.simulate & simulate::AFTER_ELECTION != 0 {
            return self.crash();
        }
        self.enter(id, State::SelectReplica);
        self.warn("+failover-state-select-slave", id);
    }

    fn promote(&mut self, id: Id) {
        let Some(replica) = self.select_replica(id) else {
            self.warn("-failover-abort-no-good-slave", id);
            return self.abort(id);
        };
        self.warn("+selected-slave", replica);
        self.me.at_mut(replica).flags |= flag::PROMOTED;
        self.me.at_mut(id).promoted = Some(replica);
        self.enter(id, State::SendNoOne);
        self.note("+failover-state-send-slaveof-noone", replica);
    }

    fn send_no_one(&mut self, id: Id) {
        let promoted = self.me.at(id).promoted.unwrap_or_default();
        if self.me.link_of(promoted).disconnected {
            return self.give_up_if_late(id);
        }
        if self.send_replicaof(promoted, None) {
            self.note("+failover-state-wait-promotion", promoted);
            self.enter(id, State::WaitPromotion);
        }
    }

    fn give_up_if_late(&mut self, id: Id) {
        let master = self.me.at(id);
        if self.now() - master.state_since > master.failover_timeout {
            self.warn("-failover-abort-slave-timeout", id);
            self.abort(id);
        }
    }

    /// Has the other replicas follow the new master, not too many at once.
    fn reconf_replicas(&mut self, id: Id) {
        let (now, patience) = (self.now(), self.me.periods.reconf_timeout);
        let replicas = self.me.replicas_of(id);
        let busy = |id: &&Id| self.me.at(**id).has(flag::RECONF_SENT | flag::RECONF_INPROG);
        let mut in_progress = replicas.iter().filter(busy).count() as i64;
        for replica in replicas {
            if in_progress >= self.me.at(id).parallel_syncs {
                break;
            }
            let r = self.me.at(replica);
            if r.has(flag::PROMOTED | flag::RECONF_DONE) {
                continue;
            }
            if r.has(flag::RECONF_SENT) && now - r.reconf_sent > patience {
                self.note("-slave-reconf-sent-timeout", replica);
                let r = self.me.at_mut(replica);
                r.flags = r.flags & !flag::RECONF_SENT | flag::RECONF_DONE;
            }
            let waits = self.me.at(replica).has(flag::RECONF_SENT | flag::RECONF_INPROG);
            if !waits && self.reconf(id, replica, "+slave-reconf-sent") {
                self.me.at_mut(replica).reconf_sent = now;
                in_progress += 1;
            }
        }
        self.detect_end(id);
    }

    /// Tells one replica to follow the new master.
    fn reconf(&mut self, id: Id, replica: Id, event: &str) -> bool {
        let Some(promoted) = self.me.at(id).promoted else { return false };
        let addr = self.me.at(promoted).addr.clone();
        if self.me.link_of(replica).disconnected || !self.send_replicaof(replica, Some(&addr)) {
            return false;
        }
        self.me.at_mut(replica).flags |= flag::RECONF_SENT;
        self.note(event, replica);
        true
    }

    /// The end is reached when all replicas that can be reached follow the new master, or the time is over.
    fn detect_end(&mut self, id: Id) {
        let master = self.me.at(id);
        let Some(promoted) = master.promoted.filter(|new| !self.me.at(*new).has(flag::S_DOWN)) else { return };
        let late = self.now() - master.state_since > master.failover_timeout;
        let replicas = self.me.replicas_of(id);
        let done = |id: &Id| self.me.at(*id).has(flag::PROMOTED | flag::RECONF_DONE | flag::S_DOWN);
        let all = replicas.iter().all(done);
        if late {
            self.warn("+failover-end-for-timeout", id);
        }
        if late || all {
            self.warn("+failover-end", id);
            self.enter(id, State::UpdateConfig);
        }
        if late {
            for replica in replicas {
                let told = flag::PROMOTED | flag::RECONF_DONE | flag::RECONF_SENT;
                if replica != promoted && !self.me.at(replica).has(told) {
                    self.reconf(id, replica, "+slave-reconf-sent-be");
                }
            }
        }
    }

    /// The promoted replica is the master from now on.
    pub(super) fn switch_to_promoted(&mut self, id: Id) {
        let master = self.me.at(id);
        let (old, new) = (master.addr.clone(), self.me.at(master.promoted.unwrap_or(id)).addr.clone());
        let (from, to) = (self.me.shown(&old), self.me.shown(&new));
        let text = format!("{} {from} {} {to} {}", master.name, old.port, new.port);
        self.tell(Level::Warning, "+switch-master", Some(id), &text);
        self.switch_address(id, &new.hostname, i64::from(new.port));
    }
}
