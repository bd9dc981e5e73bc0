//! What a message of another node changes.

use super::message::{Body, EXT_DATA, Header, PAUSED, Type, node_flag};
use super::node::bit;
use super::{Nid, Node};
use crate::config;
use crate::keyspace::slots::SLOTS;
use crate::server::{Level, Server};

impl Server {
    /// Takes in a message.
    pub(super) fn packet(&mut self, conn: u64, header: &Header, body: Body) {
        let now = self.now_ms;
        let sender = self.note_sender(conn, header, now);
        match (header.kind, body) {
            (Type::Ping | Type::Pong | Type::Meet, Body::Gossip(entries, extensions)) => {
                self.ping(conn, header, sender, &entries, &extensions);
            }
            (Type::Fail, Body::Fail(name)) => self.hear_fail(sender, &name),
            (Type::Publish, Body::Publish(channel, message)) if sender.is_some() => {
                self.publish(&channel, &message, false);
            }
            (Type::PublishShard, Body::Publish(channel, message)) if sender.is_some() => {
                self.publish(&channel, &message, true);
            }
            (Type::AuthRequest, _) => {
                if let Some(sender) = sender {
                    self.vote_if_needed(sender, header);
                }
            }
            (Type::AuthAck, _) => {
                if let Some(sender) = sender {
                    self.hear_vote(sender, header.current_epoch);
                }
            }
            (Type::MfStart, _) => {
                if let Some(sender) = sender {
                    self.hear_manual_failover(sender);
                }
            }
            (Type::Update, Body::Update(epoch, name, slots)) if sender.is_some() => {
                self.hear_update(epoch, &name, &slots)
            }
            _ => {}
        }
    }

    /// Finds the sender and notes what every message tells of it.
    fn note_sender(&mut self, conn: u64, header: &Header, now: i64) -> Option<Nid> {
        let cluster = self.cluster.as_mut()?;
        cluster.received[header.kind as usize] += 1;
        let linked = cluster.links.get(&conn)?.node;
        let sender = linked
            .filter(|id| cluster.nodes.get(id).is_some_and(|n| !n.has(node_flag::HANDSHAKE) && n.name == header.sender))
            .or_else(|| cluster.by_name(&header.sender).filter(|id| !cluster.nodes[id].has(node_flag::HANDSHAKE)))?;
        let myself = cluster.myself;
        let my_master = cluster.me().master;
        if linked.is_none() {
            self.name_link(conn, sender);
        }
        let cluster = self.cluster.as_mut()?;
        let node = cluster.nodes.get_mut(&sender)?;
        node.data_received = now;
        if header.mflags & EXT_DATA != 0 {
            node.flags |= node_flag::EXTENSIONS;
        }
        if sender == myself {
            return Some(sender);
        }
        if header.config_epoch > node.config_epoch {
            node.config_epoch = header.config_epoch;
            cluster.todo.save = true;
        }
        let node = cluster.nodes.get_mut(&sender)?;
        node.offset = header.offset as i64;
        if header.current_epoch > cluster.epoch {
            cluster.epoch = header.current_epoch;
        }
        let waits = cluster.failover.manual_end != 0 && cluster.failover.manual_offset == -1;
        if waits && my_master == Some(sender) && header.mflags & PAUSED != 0 {
            cluster.failover.manual_offset = header.offset as i64;
            cluster.todo.failover = true;
            self.notice(&format!("Received replication offset for paused master manual failover: {}", header.offset));
        }
        Some(sender)
    }

    /// A connection from outside turned out to be a node's: it has no other one from that node.
    fn name_link(&mut self, conn: u64, node: Nid) {
        let Some(cluster) = &mut self.cluster else { return };
        let former = cluster.links.iter().find(|(_, l)| l.inbound && l.node == Some(node)).map(|(c, _)| *c);
        if let Some(link) = cluster.links.get_mut(&conn) {
            link.node = Some(node);
        }
        if let Some(former) = former {
            self.drop_link(former);
        }
    }

    fn ping(
        &mut self,
        conn: u64,
        header: &Header,
        sender: Option<Nid>,
        entries: &[super::message::Gossip],
        extensions: &[super::message::Extension],
    ) {
        if matches!(header.kind, Type::Ping | Type::Meet) {
            self.learn_own_address(conn, header.kind);
            if sender.is_none() && header.kind == Type::Meet {
                self.meet_stranger(conn, header);
                self.hear_gossip(sender, entries);
            }
            self.send_ping(conn, Type::Pong);
        }
        if !self.check_link(conn, header, sender) {
            return;
        }
        let sender = sender.or_else(|| {
            let cluster = self.cluster.as_ref()?;
            cluster.by_name(&header.sender).filter(|id| !cluster.nodes[id].has(node_flag::HANDSHAKE))
        });
        if header.kind == Type::Pong {
            self.note_pong(conn);
        }
        let Some(sender) = sender else { return };
        if let Some(node) = self.cluster.as_mut().and_then(|c| c.nodes.get_mut(&sender)) {
            node.flags = node.flags & !node_flag::NOFAILOVER | header.flags & node_flag::NOFAILOVER;
        }
        if header.kind == Type::Ping {
            self.update_address(conn, header, sender);
        }
        self.update_role(sender, header);
        self.compare_slots(conn, sender, header);
        self.resolve_collision(sender, header);
        self.hear_gossip(Some(sender), entries);
        self.hear_extensions(sender, extensions);
    }

    /// The address by which others reach this node is this node's address.
    fn learn_own_address(&mut self, conn: u64, kind: Type) {
        if !self.config.text(config::CLUSTER_ANNOUNCE_IP).is_empty() {
            return;
        }
        let Some(cluster) = &mut self.cluster else { return };
        let Some(local) = cluster.links.get(&conn).map(|l| l.local.clone()) else { return };
        let me = cluster.me_mut();
        if (kind == Type::Meet || me.ip.is_empty()) && !local.is_empty() && me.ip != local {
            me.ip.clone_from(&local);
            cluster.todo.save = true;
            self.notice(&format!("IP address for this node updated to {local}"));
        }
    }

    /// A node wants to be known.
    fn meet_stranger(&mut self, conn: u64, header: &Header) {
        let (name, shard, now) = (self.random_id(), self.random_id(), self.now_ms);
        let Some(cluster) = &mut self.cluster else { return };
        let Some(peer) = cluster.links.get(&conn).map(|l| l.peer.clone()) else { return };
        let mut node = Node::new(name, shard, node_flag::HANDSHAKE, now);
        node.ip = if header.ip.is_empty() { peer } else { header.ip.clone() };
        node.port = header.port;
        node.cport = header.cport;
        cluster.add(node);
        cluster.todo.save = true;
    }

    /// On a connection that this node opened: is the other end who it should be? False: look no further.
    fn check_link(&mut self, conn: u64, header: &Header, sender: Option<Nid>) -> bool {
        let Some(cluster) = &mut self.cluster else { return false };
        let Some(id) = cluster.links.get(&conn).filter(|l| !l.inbound).and_then(|l| l.node) else { return true };
        let Some(node) = cluster.nodes.get_mut(&id) else { return true };
        if node.has(node_flag::HANDSHAKE) {
            if let Some(known) = sender {
                // It is a node known already; only its address may be news.
                self.log(
                    Level::Verbose,
                    &format!("Handshake: we already know node {} (), updating the address if needed.", header.sender),
                );
                if known != id {
                    self.update_address(conn, header, known);
                    self.delete_node(id);
                }
                return false;
            }
            if header.sender.len() != 40 {
                return false;
            }
            node.name.clone_from(&header.sender);
            node.flags &= !(node_flag::HANDSHAKE | node_flag::MEET);
            node.flags |= header.flags & (node_flag::MASTER | node_flag::REPLICA);
            if header.mflags & EXT_DATA != 0 {
                node.flags |= node_flag::EXTENSIONS;
            }
            cluster.todo.save = true;
            self.log(Level::Debug, &format!("Handshake with node {} completed.", header.sender));
        } else if node.name != header.sender {
            node.flags |= node_flag::NOADDR;
            node.ip.clear();
            node.port = 0;
            node.cport = 0;
            cluster.todo.save = true;
            self.log(Level::Debug, "PONG contains mismatching sender ID");
            self.drop_link(conn);
            return false;
        }
        true
    }

    /// A node answered.
    fn note_pong(&mut self, conn: u64) {
        let now = self.now_ms;
        let Some(cluster) = &mut self.cluster else { return };
        let Some(id) = cluster.links.get(&conn).filter(|l| !l.inbound).and_then(|l| l.node) else { return };
        let Some(node) = cluster.nodes.get_mut(&id) else { return };
        node.pong_received = now;
        node.ping_sent = 0;
        if node.has(node_flag::PFAIL) {
            node.flags &= !node_flag::PFAIL;
            cluster.todo.save = true;
            cluster.todo.state = true;
        } else if node.has(node_flag::FAIL) {
            self.clear_failure_if_needed(id);
        }
    }

    /// A node that answers under another address moved.
    fn update_address(&mut self, conn: u64, header: &Header, id: Nid) {
        let Some(cluster) = &mut self.cluster else { return };
        let Some(peer) = cluster.links.get(&conn).map(|l| l.peer.clone()) else { return };
        let Some(node) = cluster.nodes.get_mut(&id) else { return };
        if node.link == Some(conn) {
            return;
        }
        let ip = if header.ip.is_empty() { peer } else { header.ip.clone() };
        if node.ip == ip && node.port == header.port && node.cport == header.cport {
            return;
        }
        node.ip.clone_from(&ip);
        node.port = header.port;
        node.cport = header.cport;
        node.flags &= !node_flag::NOADDR;
        let (old, name) = (node.link, node.name.clone());
        let follows = cluster.me().master == Some(id);
        cluster.todo.save = true;
        self.warn(&format!("Address updated for node {name} (), now {ip}:{}", header.port));
        if let Some(old) = old {
            self.drop_link(old);
        }
        if follows {
            self.follow(&ip, header.port);
        }
    }

    /// A node says whether it is a master or whose replica.
    fn update_role(&mut self, sender: Nid, header: &Header) {
        let Some(master_name) = &header.replica_of else {
            self.set_node_as_master(sender);
            return;
        };
        let Some(cluster) = &self.cluster else { return };
        let master = cluster.by_name(master_name);
        let Some(node) = cluster.nodes.get(&sender) else { return };
        if node.is_master() {
            self.master_became_replica(sender, master, header);
        }
        let Some(cluster) = &mut self.cluster else { return };
        if let Some(master) = master
            && cluster.nodes[&sender].master != Some(master)
        {
            let shard = cluster.nodes[&master].shard.clone();
            let Some(node) = cluster.nodes.get_mut(&sender) else { return };
            node.master = Some(master);
            node.shard = shard;
            cluster.todo.save = true;
        }
    }

    /// A node that was a master says that it follows another.
    fn master_became_replica(&mut self, sender: Nid, master: Option<Nid>, header: &Header) {
        let Some(cluster) = &mut self.cluster else { return };
        let node = cluster.nodes[&sender].clone();
        let its = master.and_then(|m| cluster.nodes.get(&m)).cloned();
        let who = format!("{} ({})", node.name, node.human_name);
        let mut said = Vec::new();
        match (master, its) {
            (Some(_), Some(its)) if its.shard == node.shard && node.config_epoch > header.config_epoch => {
                said.push(format!(
                    "Ignore stale message from {who} in shard {}; gossip config epoch: {}, current config epoch: {}",
                    node.shard, header.config_epoch, node.config_epoch
                ));
            }
            (Some(master), Some(its)) if its.shard == node.shard => {
                // It follows who took its place.
                let moved = cluster.move_slots(sender, master);
                self.set_node_as_master(master);
                let Some(cluster) = &mut self.cluster else { return };
                if let Some(master) = cluster.nodes.get_mut(&master) {
                    master.config_epoch = header.config_epoch;
                }
                said.push(format!(
                    "A failover occurred in shard {}; node {who} lost {moved} slot(s) to node {} ({}) with a config epoch of {}",
                    node.shard, its.name, its.human_name, header.config_epoch
                ));
            }
            (_, its) => {
                let had = cluster.del_slots_of(sender);
                said.push(format!(
                    "Node {who} is no longer master of shard {}; removed all {had} slot(s) it used to own",
                    node.shard
                ));
                said.extend(its.map(|its| format!("Node {who} is now part of shard {}", its.shard)));
            }
        }
        let Some(cluster) = &mut self.cluster else { return };
        if let Some(node) = cluster.nodes.get_mut(&sender) {
            node.flags &= !(node_flag::MASTER | node_flag::MIGRATE_TO);
            node.flags |= node_flag::REPLICA;
        }
        cluster.todo.save = true;
        cluster.todo.state = true;
        for text in said {
            self.notice(&text);
        }
    }

    /// Compares what the sender claims with what is known, and tells it where it is behind.
    fn compare_slots(&mut self, conn: u64, sender: Nid, header: &Header) {
        let Some(cluster) = &self.cluster else { return };
        let node = &cluster.nodes[&sender];
        let owner = if node.is_master() { Some(sender) } else { node.master };
        let Some(owner) = owner.filter(|o| cluster.nodes.contains_key(o)) else { return };
        if cluster.nodes[&owner].slots == header.slots {
            return;
        }
        if node.is_master() {
            self.update_slots(sender, header.config_epoch, &header.slots);
        }
        let Some(cluster) = &self.cluster else { return };
        let claimed = |s: &usize| bit(&header.slots, *s) && !cluster.unclaimed.contains(s);
        let ahead = (0..SLOTS).filter(claimed).find_map(|slot| {
            let other = cluster.owners[slot];
            let node = cluster.nodes.get(&other)?;
            (other != owner && node.config_epoch > header.config_epoch).then_some(other)
        });
        if let Some(other) = ahead {
            self.send_update(conn, other);
        }
    }

    /// Tells a node whose slots those of `about` are.
    pub(super) fn send_update(&mut self, conn: u64, about: Nid) {
        let Some(cluster) = &self.cluster else { return };
        let Some(node) = cluster.nodes.get(&about) else { return };
        let mut slots = node.slots.clone();
        for slot in cluster.unclaimed.iter().filter(|slot| node.owns(**slot)) {
            slots[slot / 8] &= !(1 << (slot % 8));
        }
        let body = Body::Update(node.config_epoch, node.name.clone(), slots);
        self.send_message(conn, Type::Update, &body);
    }

    /// Two masters with the same epoch: the one with the smaller name takes a new one.
    fn resolve_collision(&mut self, sender: Nid, header: &Header) {
        let Some(cluster) = &mut self.cluster else { return };
        if sender == cluster.myself || !cluster.nodes[&sender].is_master() || !cluster.me().is_master() {
            return;
        }
        if header.config_epoch != cluster.me().config_epoch || header.sender <= cluster.me().name {
            return;
        }
        cluster.epoch += 1;
        let epoch = cluster.epoch;
        cluster.me_mut().config_epoch = epoch;
        cluster.todo.save = true;
        self.notice(&format!(
            "configEpoch collision with node {} (). Updating my configEpoch to {epoch}",
            header.sender
        ));
    }

    fn hear_fail(&mut self, sender: Option<Nid>, name: &str) {
        let now = self.now_ms;
        let Some(cluster) = &mut self.cluster else { return };
        let Some(sender) = sender else { return };
        let from = cluster.nodes[&sender].clone();
        let Some(id) = cluster.by_name(name) else { return };
        let Some(node) = cluster.nodes.get_mut(&id) else { return };
        if node.has(node_flag::FAIL | node_flag::MYSELF) {
            return;
        }
        node.flags |= node_flag::FAIL;
        node.flags &= !node_flag::PFAIL;
        node.fail_time = now;
        let text = format!(
            "FAIL message received from {} ({}) about {name} ({})",
            from.name, from.human_name, node.human_name
        );
        cluster.todo.save = true;
        cluster.todo.state = true;
        self.notice(&text);
    }

    fn hear_update(&mut self, epoch: u64, name: &str, slots: &[u8; super::message::BITMAP]) {
        let Some(cluster) = &mut self.cluster else { return };
        let Some(id) = cluster.by_name(name) else { return };
        let Some(node) = cluster.nodes.get_mut(&id) else { return };
        if node.config_epoch >= epoch {
            return;
        }
        node.config_epoch = epoch;
        cluster.todo.save = true;
        self.set_node_as_master(id);
        self.update_slots(id, epoch, slots);
    }
}
