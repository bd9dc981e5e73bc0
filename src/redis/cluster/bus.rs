//! Connections of the bus.

use super::message::{self, Body, Header, Type, node_flag};
use super::{Link, Nid};
use crate::config;
use crate::server::outbox::Outbox;
use crate::server::{Action, Server};

impl Server {
    /// Whether a connection belongs to the bus.
    pub(crate) fn is_bus(&self, conn: u64) -> bool {
        self.cluster.as_ref().is_some_and(|c| c.links.contains_key(&conn))
    }

    /// A node connected.
    pub(crate) fn bus_accepted(&mut self, conn: u64, peer: &str, local: &str) {
        let now = self.now_ms;
        if let Some(cluster) = &mut self.cluster {
            let link = Link {
                inbound: true,
                up: true,
                created: now,
                peer: ip_of(peer),
                local: ip_of(local),
                ..Link::default()
            };
            cluster.links.insert(conn, link);
        }
    }

    /// Opens a connection to a node.
    pub(super) fn open_link(&mut self, id: Nid) {
        let conn = self.new_link();
        let now = self.now_ms;
        let Some(cluster) = &mut self.cluster else { return };
        let Some(node) = cluster.nodes.get_mut(&id) else { return };
        node.link = Some(conn);
        // A node that can't be reached counts as silent from now on.
        if node.ping_sent == 0 {
            node.ping_sent = now;
        }
        let (host, port) = (node.ip.clone(), node.cport);
        cluster.links.insert(conn, Link { node: Some(id), created: now, peer: host.clone(), ..Link::default() });
        self.actions.push(Action::Connect { conn, host, port });
    }

    /// A connection to a node is established, or not.
    pub(crate) fn bus_connected(&mut self, conn: u64, result: Result<String, String>) {
        let Ok(local) = result else {
            self.bus_closed(conn);
            return;
        };
        let Some(cluster) = &mut self.cluster else { return };
        let Some(link) = cluster.links.get_mut(&conn) else { return };
        link.up = true;
        link.local = ip_of(&local);
        let Some(node) = link.node.and_then(|id| cluster.nodes.get_mut(&id)) else { return };
        let before = node.ping_sent;
        let kind = if node.has(node_flag::MEET) { Type::Meet } else { Type::Ping };
        let id = link.node;
        self.send_ping(conn, kind);
        if let Some(node) = id.and_then(|id| self.cluster.as_mut()?.nodes.get_mut(&id)) {
            if before != 0 {
                node.ping_sent = before;
            }
            node.flags &= !node_flag::MEET;
        }
    }

    /// A connection ended.
    pub(crate) fn bus_closed(&mut self, conn: u64) {
        let Some(cluster) = &mut self.cluster else { return };
        let Some(link) = cluster.links.remove(&conn) else { return };
        if let Some(node) = link.node.and_then(|id| cluster.nodes.get_mut(&id))
            && node.link == Some(conn)
        {
            node.link = None;
        }
    }

    /// Ends a connection from this side.
    pub(super) fn drop_link(&mut self, conn: u64) {
        if self.is_bus(conn) {
            self.bus_closed(conn);
            self.actions.push(Action::Close(conn));
        }
    }

    /// DEBUG CLUSTERLINK KILL: ends the connections to a node, from it, or both.
    pub(crate) fn kill_links(&mut self, id: Nid, to: bool, from: bool) {
        let Some(cluster) = &self.cluster else { return };
        let concerned = |l: &Link| l.node == Some(id) && if l.inbound { from } else { to };
        let conns: Vec<u64> = cluster.links.iter().filter(|(_, l)| concerned(l)).map(|(c, _)| *c).collect();
        for conn in conns {
            self.drop_link(conn);
        }
    }

    /// Bytes to be sent on a connection.
    pub(crate) fn bus_output(&mut self, conn: u64) -> Option<&mut Outbox> {
        self.cluster.as_mut()?.links.get_mut(&conn).map(|l| &mut l.output)
    }

    /// Bytes came from a node.
    pub(crate) fn bus_received(&mut self, conn: u64, data: &[u8]) {
        let Some(link) = self.cluster.as_mut().and_then(|c| c.links.get_mut(&conn)) else { return };
        link.input.extend_from_slice(data);
        if self.loading && !self.repl.is_replica() {
            // What others say may decide which keys are kept, and there is but a part of them: it waits.
            return;
        }
        while let Some(link) = self.cluster.as_mut().and_then(|c| c.links.get_mut(&conn)) {
            let message = match message::length(&link.input) {
                Ok(Some(total)) if link.input.len() >= total => {
                    let rest = link.input.split_off(total);
                    std::mem::replace(&mut link.input, rest)
                }
                Ok(_) => break,
                Err(message::NotAMessage) => {
                    let peer = link.peer.clone();
                    self.warn(&format!("Bad message length or signature received from Cluster bus ({peer})."));
                    self.drop_link(conn);
                    break;
                }
            };
            match message::decode(&message) {
                Some((header, _)) if i64::from(header.kind as u16) == self.debug.dropped_packets => {}
                Some((header, body)) => self.packet(conn, &header, body),
                None => self.drop_link(conn),
            }
        }
        self.after_event();
    }

    /// The header of a message of this node.
    pub(super) fn header(&self, kind: Type) -> Option<Header> {
        let cluster = self.cluster.as_ref()?;
        let me = cluster.me();
        let master = cluster.nodes.get(&cluster.my_master())?;
        let (port, cport) = self.announced_ports();
        let failover = &cluster.failover;
        let mut mflags = message::EXT_DATA;
        if me.is_master() && failover.manual_end != 0 {
            mflags |= message::PAUSED;
        }
        if kind == Type::AuthRequest && failover.manual_end != 0 {
            mflags |= message::FORCE_ACK;
        }
        Some(Header {
            port,
            cport,
            kind,
            current_epoch: cluster.epoch,
            config_epoch: master.config_epoch,
            offset: self.repl.told_offset() as u64,
            sender: me.name.clone(),
            slots: master.slots.clone(),
            replica_of: me.master.and_then(|m| cluster.nodes.get(&m)).map(|n| n.name.clone()),
            ip: self.config.text(config::CLUSTER_ANNOUNCE_IP).to_owned(),
            flags: me.flags,
            failing: !cluster.ok,
            mflags,
        })
    }

    /// Sends a message on a connection.
    pub(super) fn send_message(&mut self, conn: u64, kind: Type, body: &Body) {
        let Some(header) = self.header(kind) else { return };
        let bytes = message::encode(&header, body);
        let Some(cluster) = &mut self.cluster else { return };
        let Some(link) = cluster.links.get_mut(&conn) else { return };
        link.output.push(&bytes);
        cluster.count_sent(kind);
        self.ready_output.insert(conn);
    }

    /// Sends a message to every node that is connected.
    pub(super) fn broadcast(&mut self, kind: Type, body: &Body) {
        let Some(cluster) = &self.cluster else { return };
        let conns: Vec<u64> = cluster
            .nodes
            .values()
            .filter(|n| !n.has(node_flag::MYSELF | node_flag::HANDSHAKE))
            .filter_map(|n| n.link)
            .filter(|l| cluster.links.get(l).is_some_and(|l| l.up))
            .collect();
        for conn in conns {
            self.send_message(conn, kind, body);
        }
    }

    /// PUBLISH reaches the subscribers of all nodes, SPUBLISH those of the shard.
    pub(crate) fn cluster_publish(&mut self, channel: &[u8], message: &[u8], shard: bool) {
        let Some(cluster) = &self.cluster else { return };
        let body = Body::Publish(channel.to_vec(), message.to_vec());
        if !shard {
            self.broadcast(Type::Publish, &body);
            return;
        }
        let my_shard = cluster.me().shard.clone();
        let conns: Vec<u64> = cluster
            .nodes
            .values()
            .filter(|n| n.shard == my_shard && !n.has(node_flag::MYSELF | node_flag::HANDSHAKE))
            .filter_map(|n| n.link)
            .filter(|l| cluster.links.get(l).is_some_and(|l| l.up))
            .collect();
        for conn in conns {
            self.send_message(conn, Type::PublishShard, &body);
        }
    }
}

/// The address without its port.
fn ip_of(address: &str) -> String {
    let ip = address.rsplit_once(':').map_or(address, |(ip, _)| ip);
    ip.trim_start_matches('[').trim_end_matches(']').to_owned()
}

impl Server {
    /// Sends a ping of a kind to every node that is connected.
    pub(crate) fn tell_everybody(&mut self, kind: Type) {
        let Some(cluster) = &self.cluster else { return };
        let conns: Vec<u64> = cluster
            .nodes
            .values()
            .filter(|n| !n.has(node_flag::MYSELF | node_flag::HANDSHAKE))
            .filter_map(|n| n.link)
            .filter(|l| cluster.links.get(l).is_some_and(|l| l.up))
            .collect();
        for conn in conns {
            self.send_ping(conn, kind);
        }
    }

    /// CLUSTER RESET: forgets all others; `hard`: and itself.
    pub(crate) fn cluster_reset(&mut self, hard: bool) {
        let (name, shard) = (self.random_id(), self.random_id());
        if self.cluster.as_ref().is_some_and(|c| !c.me().is_master()) {
            self.finish_masters_task();
            let Some(myself) = self.cluster.as_ref().map(|c| c.myself) else { return };
            self.set_node_as_master(myself);
            self.stop_following();
            self.flush(&[0]);
        }
        self.reset_manual_failover();
        self.cancel_migrations("CLUSTER RESET", |_| true);
        self.cancel_trims();
        let Some(cluster) = &mut self.cluster else { return };
        for slot in 0..crate::keyspace::slots::SLOTS {
            cluster.del_slot(slot);
        }
        cluster.migrating.clear();
        cluster.importing.clear();
        let others: Vec<Nid> = cluster.nodes.keys().copied().filter(|id| *id != cluster.myself).collect();
        for id in others {
            self.delete_node(id);
        }
        let Some(cluster) = &mut self.cluster else { return };
        if hard {
            cluster.epoch = 0;
            cluster.last_vote = 0;
            let me = cluster.me_mut();
            me.config_epoch = 0;
            me.name.clone_from(&name);
            me.shard = shard;
            self.notice(&format!("Node hard reset, now I'm {name}"));
        }
        if let Some(cluster) = &mut self.cluster {
            cluster.todo.save = true;
            cluster.todo.state = true;
        }
    }
}
