//! Elections: a replica of a failed master asks the other masters for their votes.

use super::message::{Body, FORCE_ACK, Header, Type, node_flag};
use super::{Failover, Nid};
use crate::config;
use crate::server::Server;

/// How long a manual failover may take (ms).
const MANUAL_TIMEOUT: i64 = 5000;

impl Server {
    /// A node asks for this node's vote.
    pub(super) fn vote_if_needed(&mut self, sender: Nid, header: &Header) {
        let (now, timeout) = (self.now_ms, self.node_timeout());
        let Some(cluster) = &self.cluster else { return };
        if !cluster.me().is_master() || cluster.me().slot_count == 0 {
            return;
        }
        let node = &cluster.nodes[&sender];
        let (name, human) = (node.name.clone(), node.human_name.clone());
        let forced = header.mflags & FORCE_ACK != 0;
        let epoch = header.current_epoch;
        let master = node.master.and_then(|m| cluster.nodes.get(&m));
        let refusal = if epoch < cluster.epoch {
            Some(format!("reqEpoch ({epoch}) < curEpoch({})", cluster.epoch))
        } else if cluster.last_vote == cluster.epoch {
            Some(format!("already voted for epoch {}", cluster.epoch))
        } else if node.is_master() {
            Some("it is a master node".to_owned())
        } else if master.is_none() {
            Some("I don't know its master".to_owned())
        } else if master.is_some_and(|m| !m.has(node_flag::FAIL)) && !forced {
            Some("its master is up".to_owned())
        } else if master.is_some_and(|m| now - m.voted_time < timeout * 2) {
            let wait = master.map_or(0, |m| timeout * 2 - (now - m.voted_time));
            Some(format!(
                "can't vote for any replica of {} () within {wait} milliseconds",
                master.map_or("", |m| &m.name)
            ))
        } else {
            let behind = (0..crate::keyspace::slots::SLOTS)
                .filter(|s| super::node::bit(&header.slots, *s) && !cluster.unclaimed.contains(s))
                .find_map(|slot| {
                    cluster.owner(slot).filter(|o| o.config_epoch > header.config_epoch).map(|o| (slot, o.config_epoch))
                });
            behind.map(|(slot, seen)| format!("slot {slot} epoch ({seen}) > reqConfigEpoch ({})", header.config_epoch))
        };
        if let Some(reason) = refusal {
            self.notice(&format!("Failover auth denied to {name} ({human}): {reason}"));
            return;
        }
        let Some(cluster) = &mut self.cluster else { return };
        cluster.last_vote = cluster.epoch;
        let granted = cluster.epoch;
        if let Some(master) = cluster.nodes.get(&sender).and_then(|n| n.master)
            && let Some(master) = cluster.nodes.get_mut(&master)
        {
            master.voted_time = now;
        }
        let link = cluster.nodes[&sender].link;
        self.cluster_save();
        if let Some(conn) = link {
            self.send_message(conn, Type::AuthAck, &Body::Empty);
        }
        self.notice(&format!("Failover auth granted to {name} ({human}) for epoch {granted}"));
    }

    /// A vote came.
    pub(super) fn hear_vote(&mut self, sender: Nid, epoch: u64) {
        let Some(cluster) = &mut self.cluster else { return };
        let node = &cluster.nodes[&sender];
        if node.is_master() && node.slot_count > 0 && epoch >= cluster.failover.epoch {
            cluster.failover.votes += 1;
            cluster.todo.failover = true;
        }
    }

    /// A replica asks this master to pause for a manual failover.
    pub(super) fn hear_manual_failover(&mut self, sender: Nid) {
        let now = self.now_ms;
        let Some(cluster) = &mut self.cluster else { return };
        if !cluster.me().is_master() || cluster.nodes[&sender].master != Some(cluster.myself) {
            return;
        }
        self.cancel_migrations("manual failover", |_| true);
        let Some(cluster) = &mut self.cluster else { return };
        cluster.failover =
            Failover { manual_end: now + MANUAL_TIMEOUT, manual_replica: Some(sender), ..Failover::default() };
        let (name, human) = (cluster.nodes[&sender].name.clone(), cluster.nodes[&sender].human_name.clone());
        self.pause = Some((now + MANUAL_TIMEOUT * 2, true));
        self.notice(&format!("Manual failover requested by replica {name} ({human})."));
        let link = self.cluster.as_ref().and_then(|c| c.nodes.get(&sender)).and_then(|n| n.link);
        if let Some(conn) = link {
            self.send_ping(conn, Type::Ping);
        }
    }

    pub(super) fn check_manual_timeout(&mut self, now: i64) {
        let Some(cluster) = &mut self.cluster else { return };
        if cluster.failover.manual_end != 0 && cluster.failover.manual_end < now {
            self.warn("Manual failover timed out.");
            self.reset_manual_failover();
        }
    }

    /// Ends a manual failover, done or not.
    pub(crate) fn reset_manual_failover(&mut self) {
        let Some(cluster) = &mut self.cluster else { return };
        let paused = cluster.failover.manual_replica.is_some();
        let f = &mut cluster.failover;
        f.manual_end = 0;
        f.manual_replica = None;
        f.manual_offset = -1;
        f.manual_ready = false;
        if paused {
            self.end_pause();
        }
    }

    pub(super) fn handle_manual_failover(&mut self) {
        let offset = self.repl.offset;
        let Some(cluster) = &mut self.cluster else { return };
        let f = &mut cluster.failover;
        if f.manual_end == 0 || f.manual_ready || f.manual_offset == -1 {
            return;
        }
        if f.manual_offset == offset {
            f.manual_ready = true;
            cluster.todo.failover = true;
            self.notice("All master replication stream processed, manual failover can start.");
        }
    }

    /// How many replicas of the same master have more data.
    fn my_rank(&self) -> usize {
        let Some(cluster) = &self.cluster else { return 0 };
        let Some(master) = cluster.me().master else { return 0 };
        let mine = self.repl.offset;
        cluster
            .replicas(master)
            .iter()
            .filter(|id| **id != cluster.myself)
            .filter(|id| cluster.nodes.get(id).is_some_and(|n| !n.has(node_flag::NOFAILOVER) && n.offset > mine))
            .count()
    }

    /// Goes on with the election of this node, or begins it.
    pub(super) fn handle_failover(&mut self) {
        let (now, timeout) = (self.now_ms, self.node_timeout());
        let auth_timeout = (timeout * 2).max(2000);
        let retry = auth_timeout * 2;
        let validity = self.config.int(config::CLUSTER_REPLICA_VALIDITY_FACTOR);
        let no_failover = self.config.bool(config::CLUSTER_REPLICA_NO_FAILOVER);
        let Some(cluster) = &mut self.cluster else { return };
        cluster.todo.failover = false;
        let manual = cluster.failover.manual_end != 0 && cluster.failover.manual_ready;
        let Some(master) = cluster.me().master.and_then(|m| cluster.nodes.get(&m)) else { return };
        if cluster.me().is_master()
            || (!master.has(node_flag::FAIL) && !manual)
            || (no_failover && !manual)
            || master.slot_count == 0
        {
            return;
        }
        if !manual && validity > 0 {
            let age = self.repl.data_age(now) - timeout;
            if age > self.config.int(config::REPL_PING_REPLICA_PERIOD) * 1000 + timeout * validity {
                self.cannot_failover(1, now);
                return;
            }
        }
        let Some(cluster) = &self.cluster else { return };
        if now - cluster.failover.time > retry {
            self.schedule_election(now, manual);
            return;
        }
        if !cluster.failover.sent && cluster.failover.manual_end == 0 {
            let rank = self.my_rank();
            let Some(cluster) = &mut self.cluster else { return };
            if rank > cluster.failover.rank {
                let added = (rank - cluster.failover.rank) as i64 * 1000;
                cluster.failover.time += added;
                cluster.failover.rank = rank;
                self.notice(&format!("Replica rank updated to #{rank}, added {added} milliseconds of delay."));
            }
        }
        self.run_election(now, auth_timeout);
    }

    fn schedule_election(&mut self, now: i64, manual: bool) {
        let (random, rank, offset) = (self.random_below(500) as i64, self.my_rank(), self.repl.offset);
        let Some(cluster) = &mut self.cluster else { return };
        let f = &mut cluster.failover;
        f.votes = 0;
        f.sent = false;
        f.rank = rank;
        f.time = if manual { now } else { now + 500 + random + rank as i64 * 1000 };
        if manual {
            f.rank = 0;
            cluster.todo.failover = true;
        }
        let delay = cluster.failover.time - now;
        let rank = cluster.failover.rank;
        self.notice(&format!("Start of election delayed for {delay} milliseconds (rank #{rank}, offset {offset})."));
        // The other replicas shall know this one's offset.
        self.pong_to_shard();
        if manual {
            self.run_election(now, i64::MAX);
        }
    }

    fn pong_to_shard(&mut self) {
        let Some(cluster) = &self.cluster else { return };
        let Some(master) = cluster.me().master else { return };
        let conns: Vec<u64> = cluster
            .replicas(master)
            .iter()
            .filter(|id| **id != cluster.myself)
            .filter_map(|id| cluster.nodes.get(id)?.link)
            .collect();
        for conn in conns {
            self.send_ping(conn, Type::Pong);
        }
    }

    fn run_election(&mut self, now: i64, auth_timeout: i64) {
        let Some(cluster) = &mut self.cluster else { return };
        if now < cluster.failover.time {
            self.cannot_failover(2, now);
            return;
        }
        if now - cluster.failover.time > auth_timeout {
            self.cannot_failover(3, now);
            return;
        }
        if !cluster.failover.sent {
            cluster.epoch += 1;
            cluster.failover.epoch = cluster.epoch;
            cluster.failover.sent = true;
            let epoch = cluster.epoch;
            cluster.todo.save = true;
            self.notice(&format!("Starting a failover election for epoch {epoch}."));
            self.broadcast(Type::AuthRequest, &Body::Empty);
            return;
        }
        if cluster.failover.votes > cluster.size / 2 {
            self.win_election();
        } else {
            self.cannot_failover(4, now);
        }
    }

    fn win_election(&mut self) {
        self.notice("Failover election won: I'm the new master.");
        let Some(cluster) = &mut self.cluster else { return };
        let epoch = cluster.failover.epoch;
        if cluster.me().config_epoch < epoch {
            cluster.me_mut().config_epoch = epoch;
            self.notice(&format!("configEpoch set to {epoch} after successful failover"));
        }
        let Some(cluster) = &mut self.cluster else { return };
        let Some(old) = cluster.me().master else { return };
        let myself = cluster.myself;
        self.set_node_as_master(myself);
        self.stop_following();
        let Some(cluster) = &mut self.cluster else { return };
        for slot in 0..crate::keyspace::slots::SLOTS {
            if cluster.owners[slot] == old {
                cluster.del_slot(slot);
                cluster.add_slot(myself, slot);
            }
        }
        self.update_state();
        self.cluster_save();
        let Some(cluster) = &self.cluster else { return };
        let conns: Vec<u64> = cluster
            .nodes
            .values()
            .filter(|n| !n.has(node_flag::MYSELF | node_flag::HANDSHAKE))
            .filter_map(|n| n.link)
            .collect();
        for conn in conns {
            self.send_ping(conn, Type::Pong);
        }
        self.reset_manual_failover();
        self.finish_masters_task();
    }

    /// Logs why there is no failover yet, each reason once in a while.
    fn cannot_failover(&mut self, reason: u8, now: i64) {
        let Some(cluster) = &mut self.cluster else { return };
        if cluster.failover.reason == reason && now - cluster.failover.reason_time < 10_000 {
            return;
        }
        let fail_time = cluster.me().master.and_then(|m| cluster.nodes.get(&m)).map_or(0, |n| n.fail_time);
        cluster.failover.reason = reason;
        // The first seconds after a failure need no explanation.
        if reason != 4 && now - fail_time < self.config.int(config::CLUSTER_NODE_TIMEOUT) + 5000 {
            return;
        }
        let Some(cluster) = &mut self.cluster else { return };
        cluster.failover.reason_time = now;
        let (needed, votes) = (cluster.size / 2 + 1, cluster.failover.votes);
        let text = match reason {
            1 => {
                "Disconnected from master for longer than allowed. Please check the 'cluster-replica-validity-factor' configuration option."
            }
            2 => "Waiting the delay before I can start a new failover.",
            3 => "Failover attempt expired.",
            _ => "Waiting for votes, but majority still not reached.",
        };
        self.notice(&format!("Currently unable to failover: {text}"));
        if reason == 4 {
            self.notice(&format!("Needed quorum: {needed}. Number of votes received so far: {votes}"));
        }
    }

    /// CLUSTER FAILOVER: `force` without asking the master, `takeover` without asking anybody.
    pub(crate) fn manual_failover(&mut self, force: bool, takeover: bool) {
        let now = self.now_ms;
        self.reset_manual_failover();
        let Some(cluster) = &mut self.cluster else { return };
        cluster.failover.manual_end = now + MANUAL_TIMEOUT;
        cluster.failover.manual_offset = -1;
        cluster.failover.time = 0;
        if takeover {
            self.notice("Taking over the master (user request).");
            self.bump_epoch();
            let Some(cluster) = &mut self.cluster else { return };
            cluster.failover.epoch = cluster.me().config_epoch;
            self.win_election();
        } else if force {
            self.notice("Forced failover user request accepted.");
            let Some(cluster) = &mut self.cluster else { return };
            cluster.failover.manual_ready = true;
            cluster.todo.failover = true;
        } else {
            self.notice("Manual failover user request accepted.");
            let link = self.cluster.as_ref().and_then(|c| c.nodes.get(&c.me().master?)).and_then(|n| n.link);
            if let Some(conn) = link {
                self.send_message(conn, Type::MfStart, &Body::Empty);
            }
        }
    }

    /// Takes the next epoch without asking anybody. False if this node has the highest already.
    pub(crate) fn bump_epoch(&mut self) -> bool {
        let Some(cluster) = &mut self.cluster else { return false };
        let top = cluster.nodes.values().map(|n| n.config_epoch).max().unwrap_or(0).max(cluster.epoch);
        let mine = cluster.me().config_epoch;
        if mine != 0 && mine == top {
            return false;
        }
        cluster.epoch = top + 1;
        cluster.me_mut().config_epoch = top + 1;
        cluster.todo.save = true;
        let epoch = top + 1;
        self.notice(&format!("New configEpoch set to {epoch}"));
        true
    }
}
