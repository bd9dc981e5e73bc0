//! What the cluster does ten times a second: connect, ping, notice silence.

use super::Nid;
use super::message::{Type, node_flag};
use crate::config;
use crate::server::{Level, Server};

impl Server {
    /// One tick of the cluster.
    pub(crate) fn cluster_cron(&mut self) {
        if self.cluster.is_none() {
            return;
        }
        let now = self.now_ms;
        self.drop_full_links();
        self.connect_to_nodes(now);
        let Some(cluster) = &mut self.cluster else { return };
        cluster.ticks += 1;
        if cluster.ticks % 10 == 0 {
            self.ping_random_node();
            self.redirect_waiters();
        }
        self.look_after_nodes(now);
        self.follow_my_master();
        self.check_manual_timeout(now);
        let replica = self.cluster.as_ref().is_some_and(|c| !c.me().is_master());
        if replica {
            self.handle_manual_failover();
            self.handle_failover();
        }
        if self.cluster.as_ref().is_some_and(|c| c.todo.state || !c.ok) {
            self.update_state();
        }
    }

    /// Ends connections over which more waits to be sent than `cluster-link-sendbuf-limit` allows.
    fn drop_full_links(&mut self) {
        let limit = self.config.size(config::CLUSTER_LINK_SENDBUF_LIMIT);
        let Some(cluster) = self.cluster.as_ref().filter(|_| limit > 0) else { return };
        let full = cluster.links.iter().filter_map(|(conn, link)| {
            let (node, memory) = (cluster.nodes.get(&link.node?)?, link.send_memory());
            let way = if link.inbound { "from" } else { "to" };
            (memory > limit).then(|| (*conn, way, node.name.clone(), memory))
        });
        for (conn, way, name, memory) in full.collect::<Vec<_>>() {
            self.warn(&format!(
                "Freeing cluster link({way} node {name}, used memory: {memory}) due to exceeding send buffer memory limit."
            ));
            self.drop_link(conn);
            if let Some(cluster) = &mut self.cluster {
                cluster.full_links += 1;
            }
        }
    }

    /// Opens connections to nodes that have none; gives up on strangers that don't answer.
    fn connect_to_nodes(&mut self, now: i64) {
        let patience = self.node_timeout().max(1000);
        let Some(cluster) = &self.cluster else { return };
        let mut stale = Vec::new();
        let mut alone = Vec::new();
        for (id, node) in &cluster.nodes {
            if node.has(node_flag::MYSELF | node_flag::NOADDR) {
                continue;
            }
            if node.has(node_flag::HANDSHAKE) && now - node.created > patience {
                stale.push(*id);
            } else if node.link.is_none() {
                alone.push(*id);
            }
        }
        for id in stale {
            self.delete_node(id);
        }
        for id in alone {
            self.open_link(id);
        }
    }

    /// Pings the one of five random nodes that has been silent longest.
    fn ping_random_node(&mut self) {
        let ids: Vec<Nid> = self.cluster.as_ref().map(|c| c.nodes.keys().copied().collect()).unwrap_or_default();
        let mut best: Option<(i64, u64)> = None;
        for _ in 0..5 {
            let id = ids[self.random_below(ids.len())];
            let Some(cluster) = &self.cluster else { return };
            let node = &cluster.nodes[&id];
            let Some(conn) = node.link.filter(|l| cluster.links.get(l).is_some_and(|l| l.up)) else { continue };
            if node.ping_sent != 0 || node.has(node_flag::MYSELF | node_flag::HANDSHAKE) {
                continue;
            }
            if best.is_none_or(|(pong, _)| node.pong_received < pong) {
                best = Some((node.pong_received, conn));
            }
        }
        if let Some((_, conn)) = best {
            self.send_ping(conn, Type::Ping);
        }
    }

    /// Pings those not heard of for half the timeout; reconnects to the silent; suspects the mute.
    fn look_after_nodes(&mut self, now: i64) {
        let timeout = self.node_timeout();
        // A setting for tests: how often everybody is pinged.
        let interval = match self.config.int(crate::config::CLUSTER_PING_INTERVAL) {
            0 => timeout / 2,
            given => given,
        };
        let Some(cluster) = &self.cluster else { return };
        let ids: Vec<Nid> = cluster
            .nodes
            .iter()
            .filter(|(_, n)| !n.has(node_flag::MYSELF | node_flag::NOADDR | node_flag::HANDSHAKE))
            .map(|(id, _)| *id)
            .collect();
        for id in ids {
            let Some(cluster) = &self.cluster else { return };
            let Some(node) = cluster.nodes.get(&id) else { continue };
            let link = node.link.and_then(|l| Some((l, cluster.links.get(&l)?)));
            let silent = node.ping_sent != 0
                && node.ping_sent > node.pong_received
                && now - node.ping_sent > timeout / 2
                && now - node.data_received > timeout / 2;
            let mut conn = link.filter(|(_, l)| l.up).map(|(c, _)| c);
            if let Some((c, l)) = link
                && silent
                && now - l.created > timeout
            {
                self.drop_link(c);
                conn = None;
            }
            let Some(cluster) = &self.cluster else { return };
            let Some(node) = cluster.nodes.get(&id) else { continue };
            if let Some(conn) = conn {
                let due = node.ping_sent == 0 && now - node.pong_received > interval;
                let manual = cluster.failover.manual_end != 0
                    && cluster.failover.manual_replica == Some(id)
                    && cluster.me().is_master();
                if due || manual {
                    self.send_ping(conn, Type::Ping);
                    continue;
                }
            }
            if node.ping_sent == 0 || node.fails() {
                continue;
            }
            let delay = (now - node.ping_sent).min(now - node.data_received);
            if delay > timeout {
                self.suspect(id);
            }
        }
    }

    fn suspect(&mut self, id: Nid) {
        let Some(cluster) = &mut self.cluster else { return };
        let alone = cluster.me().is_master() && cluster.size == 1;
        let Some(node) = cluster.nodes.get_mut(&id) else { return };
        node.flags |= node_flag::PFAIL;
        let name = node.name.clone();
        cluster.todo.state = true;
        self.log(Level::Debug, &format!("*** NODE {name} possibly failing"));
        if alone {
            self.mark_failing_if_needed(id);
        }
    }

    /// A replica that just learnt its master's address starts to follow it.
    fn follow_my_master(&mut self) {
        let Some(cluster) = &self.cluster else { return };
        if self.repl.is_replica() {
            return;
        }
        let master = cluster.me().master.and_then(|m| cluster.nodes.get(&m));
        let Some(master) = master.filter(|n| !n.has(node_flag::NOADDR) && !n.ip.is_empty()) else { return };
        let (ip, port) = (master.ip.clone(), master.port);
        self.follow(&ip, port);
    }

    /// What was put off until the end of an event.
    pub(crate) fn cluster_before_sleep(&mut self) {
        self.send_listeners_away();
        let Some(cluster) = &mut self.cluster else { return };
        let todo = std::mem::take(&mut cluster.todo);
        if todo.failover && !cluster.me().is_master() {
            self.handle_manual_failover();
            self.handle_failover();
        }
        if todo.state {
            self.update_state();
        }
        let late = self.cluster.as_mut().map(|c| std::mem::take(&mut c.todo.save)).unwrap_or(false);
        if todo.save || late {
            self.cluster_save();
        }
    }
}
