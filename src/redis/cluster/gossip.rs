//! What pings carry: news of other nodes.

use super::message::{Body, Extension, Gossip, Type, node_flag};
use super::{Cluster, Nid, Node};
use crate::config;
use crate::server::{Level, Server};

impl Server {
    /// Sends PING, PONG or MEET on a connection, with news of some other nodes.
    pub(super) fn send_ping(&mut self, conn: u64, kind: Type) {
        let now = self.now_ms;
        let entries = self.choose_gossip();
        let extensions = self.extensions(conn);
        if kind == Type::Ping
            && let Some(cluster) = &mut self.cluster
            && let Some(node) = cluster.links.get(&conn).and_then(|l| l.node).and_then(|id| cluster.nodes.get_mut(&id))
        {
            node.ping_sent = now;
        }
        self.send_message(conn, kind, &Body::Gossip(entries, extensions));
    }

    /// A tenth of the nodes, three at least, and all that seem to fail.
    fn choose_gossip(&mut self) -> Vec<Gossip> {
        let Some(cluster) = &self.cluster else { return Vec::new() };
        let others = cluster.nodes.len().saturating_sub(2);
        let wanted = (cluster.nodes.len() / 10).max(3).min(others);
        let mut left: Vec<Nid> = cluster
            .nodes
            .iter()
            .filter(|(id, n)| {
                **id != cluster.myself
                    && !n.has(node_flag::PFAIL | node_flag::HANDSHAKE | node_flag::NOADDR)
                    && !(n.link.is_none() && n.slot_count == 0)
            })
            .map(|(id, _)| *id)
            .collect();
        let mut chosen = Vec::new();
        while chosen.len() < wanted && !left.is_empty() {
            let at = self.random_below(left.len());
            chosen.push(left.swap_remove(at));
        }
        let Some(cluster) = &self.cluster else { return Vec::new() };
        let failing = cluster
            .nodes
            .iter()
            .filter(|(_, n)| n.has(node_flag::PFAIL) && !n.has(node_flag::HANDSHAKE | node_flag::NOADDR));
        chosen.extend(failing.map(|(id, _)| *id));
        chosen.iter().filter_map(|id| cluster.nodes.get(id)).map(entry).collect()
    }

    fn extensions(&self, conn: u64) -> Vec<Extension> {
        let Some(cluster) = &self.cluster else { return Vec::new() };
        let node = cluster.links.get(&conn).and_then(|l| l.node).and_then(|id| cluster.nodes.get(&id));
        if !node.is_some_and(|n| n.has(node_flag::EXTENSIONS)) {
            return Vec::new();
        }
        let me = cluster.me();
        let mut list = Vec::new();
        if !me.hostname.is_empty() {
            list.push(Extension::Hostname(me.hostname.clone()));
        }
        if !me.human_name.is_empty() {
            list.push(Extension::HumanName(me.human_name.clone()));
        }
        let now = self.now_ms / 1000;
        list.extend(
            cluster
                .blacklist
                .iter()
                .filter(|(_, until)| **until > now)
                .map(|(n, until)| Extension::Forgotten(n.clone(), (until - now) as u64)),
        );
        list.push(Extension::Shard(me.shard.clone()));
        list.push(Extension::Secret(cluster.secret.clone()));
        list
    }

    /// Takes over what a node tells of others.
    pub(super) fn hear_gossip(&mut self, sender: Option<Nid>, entries: &[Gossip]) {
        for g in entries {
            let Some(cluster) = &self.cluster else { return };
            match cluster.by_name(&g.name) {
                Some(id) => self.hear_of_known(sender, id, g),
                None => self.hear_of_stranger(sender, g),
            }
        }
    }

    fn hear_of_known(&mut self, sender: Option<Nid>, id: Nid, g: &Gossip) {
        let now = self.now_ms;
        let Some(cluster) = &mut self.cluster else { return };
        let bad = g.flags & (node_flag::FAIL | node_flag::PFAIL) != 0;
        let (mut said, mut look) = (None, false);
        if let Some(from) = sender.filter(|s| cluster.nodes.get(s).is_some_and(Node::is_master))
            && id != cluster.myself
        {
            let called =
                |id: &Nid| cluster.nodes.get(id).map_or(String::new(), |n| format!("{} ({})", n.name, n.human_name));
            let (by, node) = (called(&from), called(&id));
            if bad {
                if cluster.add_report(id, from, now) {
                    said = Some(format!("Node {by} reported node {node} as not reachable."));
                }
                look = true;
            } else if cluster.drop_report(id, from) {
                said = Some(format!("Node {by} reported node {node} is back online."));
            }
        }
        let Some(node) = cluster.nodes.get_mut(&id) else { return };
        if !bad && node.ping_sent == 0 && node.reports.is_empty() && id != cluster.myself {
            let pong = i64::from(g.pong_received) * 1000;
            if pong <= now + 500 && pong > node.pong_received {
                node.pong_received = pong;
            }
        }
        let moved = node.ip != g.ip || node.port != g.port || node.cport != g.cport;
        let unreliable = g.flags & (node_flag::NOADDR | node_flag::FAIL | node_flag::PFAIL) != 0;
        let mut drop = None;
        if node.fails() && moved && !unreliable {
            drop = node.link;
            node.ip.clone_from(&g.ip);
            node.port = g.port;
            node.cport = g.cport;
            node.flags &= !node_flag::NOADDR;
        }
        if let Some(text) = said {
            self.log(Level::Verbose, &text);
        }
        if let Some(conn) = drop {
            self.drop_link(conn);
        }
        if look {
            self.mark_failing_if_needed(id);
        }
    }

    fn hear_of_stranger(&mut self, sender: Option<Nid>, g: &Gossip) {
        let now = self.now_ms;
        if sender.is_none() || g.flags & node_flag::NOADDR != 0 || self.is_blacklisted(&g.name) || g.name.len() != 40 {
            return;
        }
        let shard = self.random_id();
        let Some(cluster) = &mut self.cluster else { return };
        let flags = g.flags & !(node_flag::MYSELF | node_flag::PFAIL | node_flag::FAIL | node_flag::HANDSHAKE);
        let mut node = Node::new(g.name.clone(), shard, flags, now);
        node.ip.clone_from(&g.ip);
        node.port = g.port;
        node.cport = g.cport;
        cluster.add(node);
        cluster.todo.save = true;
    }

    /// Whether a node was forgotten on purpose a short time ago.
    pub(super) fn is_blacklisted(&mut self, name: &str) -> bool {
        let now = self.now_ms / 1000;
        let Some(cluster) = &mut self.cluster else { return false };
        cluster.blacklist.retain(|_, until| *until > now);
        cluster.blacklist.contains_key(name)
    }

    /// Takes over what a node tells of itself beside the header.
    pub(super) fn hear_extensions(&mut self, sender: Nid, extensions: &[Extension]) {
        let now = self.now_ms / 1000;
        let (mut host, mut human, mut shard) = (String::new(), String::new(), None);
        for extension in extensions {
            match extension {
                Extension::Hostname(name) => host.clone_from(name),
                Extension::HumanName(name) => human.clone_from(name),
                Extension::Shard(id) => shard = Some(id.clone()),
                Extension::Forgotten(name, ttl) => {
                    let Some(cluster) = &self.cluster else { return };
                    let known =
                        cluster.by_name(name).filter(|id| *id != cluster.myself && cluster.me().master != Some(*id));
                    if let Some(id) = known {
                        self.forget_node(id, now + (*ttl).min(3600) as i64);
                    }
                }
                // All nodes come to have the same one, which is the least of them.
                Extension::Secret(secret) => {
                    if let Some(cluster) = self.cluster.as_mut().filter(|c| *secret < c.secret) {
                        cluster.secret.clone_from(secret);
                    }
                }
                Extension::Other => {}
            }
        }
        let Some(cluster) = &mut self.cluster else { return };
        let Some(node) = cluster.nodes.get_mut(&sender) else { return };
        if extensions.is_empty() {
            return;
        }
        let changed = node.hostname != host || node.human_name != human;
        node.hostname = host;
        node.human_name = human;
        cluster.todo.save |= changed;
        // A replica's shard is its master's.
        let shard = shard.filter(|s| !s.is_empty());
        if let Some(shard) = shard
            && node.shard != shard
        {
            node.shard = shard.clone();
            for replica in cluster.replicas(sender) {
                if let Some(node) = cluster.nodes.get_mut(&replica) {
                    node.shard.clone_from(&shard);
                }
            }
            cluster.todo.save = true;
        }
    }

    /// Removes a node, not to be added again before a time (s).
    pub(crate) fn forget_node(&mut self, id: Nid, until: i64) {
        let Some(cluster) = &mut self.cluster else { return };
        let Some(name) = cluster.nodes.get(&id).map(|n| n.name.clone()) else { return };
        cluster.blacklist.insert(name, until);
        self.delete_node(id);
    }

    /// Removes a node and everything that refers to it.
    pub(super) fn delete_node(&mut self, id: Nid) {
        let name = self.cluster.as_ref().and_then(|c| c.nodes.get(&id)).map(|n| n.name.clone());
        self.cancel_migrations("node deleted", |task| name.as_ref().is_some_and(|name| task.concerns(name)));
        let Some(cluster) = &mut self.cluster else { return };
        cluster.del_slots_of(id);
        cluster.importing.retain(|_, from| *from != id);
        cluster.migrating.retain(|_, to| *to != id);
        let Some(node) = cluster.nodes.remove(&id) else { return };
        for other in cluster.nodes.values_mut() {
            other.reports.retain(|(by, _)| *by != id);
            if other.master == Some(id) {
                other.master = None;
            }
        }
        for link in cluster.links.values_mut().filter(|l| l.inbound && l.node == Some(id)) {
            link.node = None;
        }
        cluster.todo.save = true;
        cluster.todo.state = true;
        if let Some(conn) = node.link {
            self.drop_link(conn);
        }
    }

    /// How many seconds a forgotten node stays forgotten.
    pub(crate) fn blacklist_until(&self) -> i64 {
        let _ = config::CLUSTER_NODE_TIMEOUT;
        self.now_ms / 1000 + 60
    }
}

fn entry(node: &Node) -> Gossip {
    Gossip {
        name: node.name.clone(),
        ping_sent: (node.ping_sent / 1000) as u32,
        pong_received: (node.pong_received / 1000) as u32,
        ip: node.ip.clone(),
        port: node.port,
        cport: node.cport,
        flags: node.flags,
    }
}

impl Cluster {
    /// A master reports a node failing. True if that is new.
    fn add_report(&mut self, node: Nid, by: Nid, now: i64) -> bool {
        let Some(node) = self.nodes.get_mut(&node) else { return false };
        match node.reports.iter_mut().find(|(from, _)| *from == by) {
            Some(report) => {
                report.1 = now;
                false
            }
            None => {
                node.reports.push((by, now));
                true
            }
        }
    }

    /// A master reports a node well again. True if it had reported otherwise.
    fn drop_report(&mut self, node: Nid, by: Nid) -> bool {
        let Some(node) = self.nodes.get_mut(&node) else { return false };
        let before = node.reports.len();
        node.reports.retain(|(from, _)| *from != by);
        node.reports.len() < before
    }

    /// How many recent reports there are.
    pub fn count_reports(&mut self, node: Nid, now: i64, timeout: i64) -> usize {
        let Some(node) = self.nodes.get_mut(&node) else { return 0 };
        node.reports.retain(|(_, time)| now - time <= timeout * 2);
        node.reports.len()
    }
}
