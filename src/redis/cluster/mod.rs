//! The cluster: nodes that gossip over a bus of their own, divide 16384 slots among themselves, and
//! replace masters that fail.
//!
//! Facts: the Redis cluster specification (redis.io/docs/latest/operate/oss_and_stack/reference/
//! cluster-spec) and observed messages and logs of redis-server 8.6.3.

mod bus;
pub(crate) mod compatibility;
mod cron;
mod failover;
pub mod file;
mod gossip;
pub mod message;
mod node;
mod packet;
mod redirect;
mod slots;
mod state;

pub use node::{Nid, Node};

use crate::config;
use crate::keyspace::slots::SLOTS;
use crate::server::Server;
use crate::server::outbox::Outbox;
use message::{Type, node_flag};
use std::collections::{BTreeMap, BTreeSet};

/// A connection of the bus.
#[derive(Clone, Debug, Default)]
pub struct Link {
    /// The node at the other end, where this node opened it or the sender is known.
    pub node: Option<Nid>,
    /// Opened by the other side.
    pub inbound: bool,
    /// Whether it is established.
    pub up: bool,
    /// Since when (ms).
    pub created: i64,
    /// Address of the other end.
    pub peer: String,
    /// Address of this end.
    pub local: String,
    /// Bytes of a message not whole yet.
    pub input: Vec<u8>,
    /// Bytes to be sent.
    pub output: Outbox,
}

impl Link {
    /// Bytes of what is to be sent, with the list that holds it.
    pub fn send_memory(&self) -> usize {
        const LIST: usize = 48;
        LIST + self.output.len()
    }
}

/// What is left to do before the next wait.
#[derive(Clone, Copy, Debug, Default)]
pub struct Todo {
    /// Write nodes.conf.
    pub save: bool,
    /// Look whether the cluster works.
    pub state: bool,
    /// Go on with an election.
    pub failover: bool,
}

/// The state of an election and of a manual failover.
#[derive(Clone, Debug, Default)]
pub struct Failover {
    /// When votes are asked for (ms).
    pub time: i64,
    /// Votes received.
    pub votes: usize,
    /// Votes were asked for.
    pub sent: bool,
    /// Place among the replicas.
    pub rank: usize,
    /// Epoch of the election.
    pub epoch: u64,
    /// The last reason for not going on, to log each once.
    pub reason: u8,
    /// When it was logged.
    pub reason_time: i64,
    /// Manual failover: until when; 0: none.
    pub manual_end: i64,
    /// Manual failover, on the master: the replica.
    pub manual_replica: Option<Nid>,
    /// Manual failover, on the replica: the master's offset; -1 unknown.
    pub manual_offset: i64,
    /// Manual failover: the election may start.
    pub manual_ready: bool,
}

/// The state of the cluster.
#[derive(Clone, Debug)]
pub struct Cluster {
    /// This node.
    pub myself: Nid,
    /// All nodes.
    pub nodes: BTreeMap<Nid, Node>,
    next_nid: Nid,
    /// 40 hexadecimal digits by which nodes of a cluster know each other.
    pub secret: String,
    /// Whose each slot is; 0: nobody's.
    pub owners: Vec<Nid>,
    /// Slots that their owners, as far as is known here, do not claim any more.
    pub unclaimed: BTreeSet<usize>,
    /// Slots that go away: to whom.
    pub migrating: BTreeMap<usize, Nid>,
    /// Slots that come: from whom.
    pub importing: BTreeMap<usize, Nid>,
    /// The cluster's epoch.
    pub epoch: u64,
    /// The epoch of the last vote.
    pub last_vote: u64,
    /// Whether the cluster works.
    pub ok: bool,
    /// Masters with slots.
    pub size: usize,
    /// Connections.
    pub links: BTreeMap<u64, Link>,
    /// Nodes not to be added again: until when (s).
    pub blacklist: BTreeMap<String, i64>,
    /// Elections.
    pub failover: Failover,
    /// Messages sent and received, by type.
    pub sent: [u64; 11],
    /// See `sent`.
    pub received: [u64; 11],
    /// Things to be done.
    pub todo: Todo,
    /// Slots that were taken from their owners: who listens to their shard channels here is sent away.
    pub left: Vec<usize>,
    /// When this node was last among a minority (ms).
    pub minority_time: i64,
    /// When the state was first looked at (ms).
    pub first_state: i64,
    /// Ticks.
    pub ticks: u64,
    /// Connections that ended since too much waited to be sent over them.
    pub full_links: u64,
    /// The file was written at least once.
    pub file: String,
}

impl Cluster {
    /// A cluster of this node alone.
    pub fn new(server: &mut Server) -> Cluster {
        let (name, shard, secret) = (server.random_id(), server.random_id(), server.random_id());
        let mut me =
            Node::new(name, shard, node_flag::MYSELF | node_flag::MASTER | node_flag::EXTENSIONS, server.now_ms);
        if server.config.bool(config::CLUSTER_REPLICA_NO_FAILOVER) {
            me.flags |= node_flag::NOFAILOVER;
        }
        Cluster {
            myself: 1,
            nodes: BTreeMap::from([(1, me)]),
            next_nid: 2,
            secret,
            owners: vec![0; SLOTS],
            unclaimed: BTreeSet::new(),
            migrating: BTreeMap::new(),
            importing: BTreeMap::new(),
            epoch: 0,
            last_vote: 0,
            ok: false,
            size: 1,
            links: BTreeMap::new(),
            blacklist: BTreeMap::new(),
            failover: Failover::default(),
            sent: [0; 11],
            received: [0; 11],
            todo: Todo { state: true, ..Todo::default() },
            left: Vec::new(),
            minority_time: 0,
            first_state: 0,
            ticks: 0,
            full_links: 0,
            file: server.config.text(config::CLUSTER_CONFIG_FILE).to_owned(),
        }
    }

    /// This node.
    pub fn me(&self) -> &Node {
        &self.nodes[&self.myself]
    }

    /// This node, to be changed.
    pub fn me_mut(&mut self) -> &mut Node {
        let id = self.myself;
        match self.nodes.get_mut(&id) {
            Some(node) => node,
            None => unreachable!("this node is always known"),
        }
    }

    /// The node of that name.
    pub fn by_name(&self, name: &str) -> Option<Nid> {
        self.nodes.iter().find(|(_, n)| n.name == name).map(|(id, _)| *id)
    }

    /// Adds a node.
    pub fn add(&mut self, node: Node) -> Nid {
        let id = self.next_nid;
        self.next_nid += 1;
        self.nodes.insert(id, node);
        id
    }

    /// The owner of a slot.
    pub fn owner(&self, slot: usize) -> Option<&Node> {
        self.nodes.get(self.owners.get(slot)?)
    }

    /// The replicas of a master.
    pub fn replicas(&self, master: Nid) -> Vec<Nid> {
        self.nodes.iter().filter(|(_, n)| n.master == Some(master)).map(|(id, _)| *id).collect()
    }

    /// The node whose slots this node has or copies: itself or its master.
    pub fn my_master(&self) -> Nid {
        self.me().master.unwrap_or(self.myself)
    }

    /// How many messages of a type were received or sent, for CLUSTER INFO.
    pub fn totals(&self) -> (u64, u64) {
        (self.sent.iter().sum(), self.received.iter().sum())
    }

    fn count_sent(&mut self, kind: Type) {
        self.sent[kind as usize] += 1;
    }
}

impl Server {
    /// The ports that this node announces: clients' and bus.
    pub(crate) fn announced_ports(&self) -> (u16, u16) {
        let port = self.config.int(config::PORT);
        let bus = match self.config.int(config::CLUSTER_PORT) {
            0 => port + 10_000,
            given => given,
        };
        let announced = match self.config.int(config::CLUSTER_ANNOUNCE_PORT) {
            0 => port,
            given => given,
        };
        let announced_bus = match self.config.int(config::CLUSTER_ANNOUNCE_BUS_PORT) {
            0 => bus,
            given => given,
        };
        (announced as u16, announced_bus as u16)
    }

    /// Takes over what this node announces of itself.
    pub(crate) fn cluster_announce_changed(&mut self) {
        let (port, cport) = self.announced_ports();
        let ip = self.config.text(config::CLUSTER_ANNOUNCE_IP).to_owned();
        let host = self.config.text(config::CLUSTER_ANNOUNCE_HOSTNAME).to_owned();
        let human = self.config.text(config::CLUSTER_ANNOUNCE_HUMAN_NODENAME).to_owned();
        let Some(cluster) = &mut self.cluster else { return };
        let me = cluster.me_mut();
        me.port = port;
        me.cport = cport;
        if !ip.is_empty() {
            me.ip = ip;
        }
        me.hostname = host;
        me.human_name = human;
        cluster.todo.save = true;
    }

    /// Bytes of the buffers of bus connections.
    pub(crate) fn bus_memory(&self) -> usize {
        const RECEIVING: usize = 1024;
        let links = self.cluster.iter().flat_map(|c| c.links.values());
        links.map(|link| RECEIVING.max(link.input.len()) + link.send_memory()).sum()
    }

    /// How many bus connections there are.
    pub(crate) fn bus_links(&self) -> usize {
        self.cluster.as_ref().map_or(0, |c| c.links.len())
    }

    /// `cluster-node-timeout` in milliseconds.
    pub(crate) fn node_timeout(&self) -> i64 {
        self.config.int(config::CLUSTER_NODE_TIMEOUT)
    }
}
