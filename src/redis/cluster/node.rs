//! What is known of a node.

use super::message::{BITMAP, node_flag};

/// A node's number within this process; never used twice.
pub type Nid = u32;

/// A node.
#[derive(Clone, Debug)]
pub struct Node {
    /// 40 hexadecimal digits.
    pub name: String,
    /// Which shard it belongs to.
    pub shard: String,
    /// See [`node_flag`].
    pub flags: u16,
    /// Epoch of its claim to its slots.
    pub config_epoch: u64,
    /// Its slots.
    pub slots: Box<[u8; BITMAP]>,
    /// How many they are.
    pub slot_count: usize,
    /// Its master, when it is a replica.
    pub master: Option<Nid>,
    /// When it was added, in milliseconds like all times here.
    pub created: i64,
    /// When the ping was sent that it did not answer yet; 0: none.
    pub ping_sent: i64,
    /// When it last answered.
    pub pong_received: i64,
    /// When anything last came from it.
    pub data_received: i64,
    /// When it was found failing.
    pub fail_time: i64,
    /// When this node last voted for one of its replicas.
    pub voted_time: i64,
    /// Its replication offset, and when it told.
    pub offset: i64,
    /// Its address.
    pub ip: String,
    /// Clients' port.
    pub port: u16,
    /// Bus port.
    pub cport: u16,
    /// `cluster-announce-hostname`.
    pub hostname: String,
    /// `cluster-announce-human-nodename`.
    pub human_name: String,
    /// The connection that this node opened to it.
    pub link: Option<u64>,
    /// Who reported it failing, and when.
    pub reports: Vec<(Nid, i64)>,
}

impl Node {
    /// A node without slots or address.
    pub fn new(name: String, shard: String, flags: u16, now: i64) -> Node {
        Node {
            name,
            shard,
            flags,
            config_epoch: 0,
            slots: Box::new([0; BITMAP]),
            slot_count: 0,
            master: None,
            created: now,
            ping_sent: 0,
            pong_received: 0,
            data_received: 0,
            fail_time: 0,
            voted_time: 0,
            offset: 0,
            ip: String::new(),
            port: 0,
            cport: 0,
            hostname: String::new(),
            human_name: String::new(),
            link: None,
            reports: Vec::new(),
        }
    }

    /// Whether a flag is set.
    pub fn has(&self, flag: u16) -> bool {
        self.flags & flag != 0
    }

    /// Whether it is a master.
    pub fn is_master(&self) -> bool {
        self.has(node_flag::MASTER)
    }

    /// Whether it was found failing by the cluster or by this node.
    pub fn fails(&self) -> bool {
        self.has(node_flag::FAIL | node_flag::PFAIL)
    }

    /// Whether a slot is its own.
    pub fn owns(&self, slot: usize) -> bool {
        bit(&self.slots, slot)
    }

    /// The ranges of its slots.
    pub fn ranges(&self) -> Vec<(usize, usize)> {
        ranges(&self.slots)
    }

    /// Its flags as CLUSTER NODES shows them.
    pub fn flag_names(&self) -> String {
        use node_flag::*;
        let names: [(u16, &str); 8] = [
            (MYSELF, "myself"),
            (MASTER, "master"),
            (REPLICA, "slave"),
            (PFAIL, "fail?"),
            (FAIL, "fail"),
            (HANDSHAKE, "handshake"),
            (NOADDR, "noaddr"),
            (NOFAILOVER, "nofailover"),
        ];
        let shown: Vec<&str> = names.iter().filter(|(f, _)| self.has(*f)).map(|(_, n)| *n).collect();
        if shown.is_empty() { "noflags".into() } else { shown.join(",") }
    }
}

/// Whether a bit of a slot bitmap is set.
pub fn bit(map: &[u8; BITMAP], slot: usize) -> bool {
    map.get(slot / 8).is_some_and(|b| b & (1 << (slot % 8)) != 0)
}

/// The ranges of set bits.
pub fn ranges(map: &[u8; BITMAP]) -> Vec<(usize, usize)> {
    let mut list: Vec<(usize, usize)> = Vec::new();
    for slot in (0..BITMAP * 8).filter(|s| bit(map, *s)) {
        match list.last_mut() {
            Some(range) if range.1 + 1 == slot => range.1 = slot,
            _ => list.push((slot, slot)),
        }
    }
    list
}
