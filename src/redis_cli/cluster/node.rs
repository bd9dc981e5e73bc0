//! One node as the cluster manager sees it: what CLUSTER NODES tells about it.

use super::slots::SlotSet;
use crate::connection::Link;
use crate::words::{atoi, atoll};

/// A node.
#[derive(Default)]
pub struct Node {
    /// the connection, if there is one
    pub link: Option<Link>,
    /// its ID; empty before it was asked
    pub name: String,
    /// host name or address, as given
    pub ip: String,
    /// its port
    pub port: i64,
    /// the port of the cluster bus
    pub bus_port: i64,
    /// its configuration epoch
    pub epoch: i64,
    /// what CLUSTER NODES says of it
    pub flags: Vec<String>,
    /// it is a replica
    pub slave: bool,
    /// the ID of its master
    pub replicate: Option<String>,
    /// it was given slots or a master that it does not know of yet
    pub dirty: bool,
    /// its slots
    pub slots: SlotSet,
    /// how many those are
    pub slots_count: i64,
    /// how many replicas it has
    pub replicas: usize,
    /// slots on their way to another node, and that node's ID
    pub migrating: Vec<(String, String)>,
    /// slots on their way from another node, and that node's ID
    pub importing: Vec<(String, String)>,
    /// its share in rebalancing
    pub weight: f32,
    /// slots to give (or, negative, to get) in rebalancing
    pub balance: i64,
}

/// The marks by which a line of CLUSTER NODES says that a node cannot be used.
const BAD_FLAGS: [&str; 3] = ["noaddr", "disconnected", "fail"];

impl Node {
    /// A node that nothing is known of but its address.
    pub fn new(ip: &str, port: i64) -> Self {
        Self { ip: ip.into(), port, bus_port: port + 10_000, weight: 1.0, ..Self::default() }
    }

    /// `host:port`
    pub fn address(&self) -> String {
        format!("{}:{}", self.ip, self.port)
    }

    /// Whether it can be talked to and counts.
    pub fn is_usable(&self) -> bool {
        !self.flags.iter().any(|f| BAD_FLAGS.contains(&f.as_str()))
    }

    /// Whether it is a master.
    pub fn is_master(&self) -> bool {
        !self.slave
    }

    fn flags_shown(&self) -> String {
        self.flags.iter().filter(|f| *f != "myself").cloned().collect::<Vec<_>>().join(",")
    }

    /// The lines that describe it, indented.
    pub fn describe(&self, indent: usize) -> String {
        let spaces = " ".repeat(indent);
        let Self { name, ip, port, .. } = self;
        let mut out = if self.dirty && self.replicate.is_some() {
            format!("{spaces}S: {name} {ip}:{port}")
        } else {
            let role = if self.is_master() { 'M' } else { 'S' };
            format!(
                "{spaces}{role}: {name} {ip}:{port}\n{spaces}   slots:{} ({} slots) {}",
                self.slots.ranges('-'),
                self.slots_count,
                self.flags_shown()
            )
        };
        if let Some(master) = &self.replicate {
            out.push_str(&format!("\n{spaces}   replicates {master}"));
        } else if self.replicas > 0 {
            out.push_str(&format!("\n{spaces}   {} additional replica(s)", self.replicas));
        }
        out
    }

    /// Its entry in the `nodes.json` of a backup.
    pub fn json(&self, errors: usize) -> String {
        let replicate = self.replicate.as_ref().map_or("null".into(), |id| format!("\"{id}\""));
        let mut out = format!(
            "  {{\n    \"name\": \"{}\",\n    \"host\": \"{}\",\n    \"port\": {},\n    \"replicate\": {replicate},\n    \
             \"slots\": [{}],\n    \"slots_count\": {},\n    \"flags\": \"{}\",\n    \"current_epoch\": {}",
            self.name,
            self.ip,
            self.port,
            self.slots.ranges(','),
            self.slots_count,
            self.flags_shown(),
            self.epoch
        );
        if errors > 0 {
            out.push_str(&format!(",\n    \"cluster_errors\": {errors}"));
        }
        for (what, open) in [("migrating", &self.migrating), ("importing", &self.importing)] {
            if !open.is_empty() {
                let pairs: Vec<String> = open.iter().map(|(slot, id)| format!("\"{slot}\": \"{id}\"")).collect();
                out.push_str(&format!(",\n    \"{what}\": {{{}}}", pairs.join(",")));
            }
        }
        out.push_str("\n  }");
        out
    }
}

/// `host:port[@busport]`
pub fn parse_address(text: &str) -> Option<(&str, i64, Option<i64>)> {
    let (address, bus) = match text.rsplit_once('@') {
        Some((address, bus)) => (address, Some(atoi(bus))),
        None => (text, None),
    };
    let (host, port) = address.rsplit_once(':')?;
    Some((host, atoi(port), bus))
}

/// The text of CLUSTER NODES is none.
#[derive(Debug, PartialEq, Eq)]
pub struct Unreadable;

/// Reads CLUSTER NODES. What it says of the node itself goes into `node`; the other nodes are returned if
/// wanted.
pub fn read_nodes(node: &mut Node, text: &str, friends: bool) -> Result<Vec<Node>, Unreadable> {
    let mut others = Vec::new();
    for line in text.split_terminator('\n') {
        let mut fields = line.splitn(9, ' ');
        let mut field = || fields.next().unwrap_or_default();
        let (name, address, flags, master, _, _, epoch, _) =
            (field(), field(), field(), field(), field(), field(), field(), field());
        let slots = field();
        let (ip, port, bus) = parse_address(address.split(',').next().unwrap_or_default()).ok_or(Unreadable)?;
        let myself = flags.contains("myself");
        if !myself && !friends {
            continue;
        }
        let mut friend = Node::new(ip, port);
        let current = if myself { &mut *node } else { &mut friend };
        current.name = name.into();
        current.bus_port = bus.unwrap_or(current.port + 10_000);
        current.epoch = atoll(epoch);
        current.flags = flags.split(',').map(Into::into).collect();
        if current.flags.iter().any(|f| f == "slave") {
            current.slave = true;
            current.replicate = Some(master.into());
        }
        if myself {
            read_slots(current, slots);
            current.dirty = false;
            if !friends {
                break;
            }
        } else {
            others.push(friend);
        }
    }
    Ok(others)
}

fn read_slots(node: &mut Node, text: &str) {
    node.slots = SlotSet::default();
    node.slots_count = 0;
    for word in text.split(' ').filter(|w| !w.is_empty()) {
        if let Some(open) = word.strip_prefix('[') {
            let open = open.trim_end_matches(']');
            if let Some((slot, to)) = open.split_once("->-") {
                node.migrating.push((slot.into(), to.into()));
            } else if let Some((slot, from)) = open.split_once("-<-") {
                node.importing.push((slot.into(), from.into()));
            }
            continue;
        }
        let (first, last) = word.split_once('-').unwrap_or((word, word));
        for slot in atoi(first).max(0)..=atoi(last).min(super::slots::SLOTS as i64 - 1) {
            node.slots.set(slot as usize, true);
            node.slots_count += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NODES: &str = "\
        b1 127.0.0.1:7002@17002 master - 0 1795308071006 3 connected 10923-16383\n\
        a1 10.0.0.1:7000@17000 myself,master - 0 0 1 connected 0-5460 5462 [93->-b1] [77-<-c1]\n\
        c1 127.0.0.1:7003@27003,host slave a1 0 1795308072054 2 connected\n\
        d1 :0@0 slave,noaddr b1 0 1795308072054 2 disconnected\n";

    #[test]
    fn cluster_nodes_is_understood() {
        let mut node = Node::new("localhost", 7000);
        let others = read_nodes(&mut node, NODES, true).unwrap();
        assert_eq!((node.ip.as_str(), node.name.as_str(), node.slots_count, node.epoch), ("localhost", "a1", 5462, 1));
        assert_eq!(node.migrating, [("93".to_owned(), "b1".to_owned())]);
        assert_eq!(node.describe(0), "M: a1 localhost:7000\n   slots:[0-5460],[5462] (5462 slots) master");
        let [b, c, d] = others.as_slice() else { panic!() };
        // Slots are taken from each node's own word only.
        assert_eq!((b.slots_count, c.bus_port, c.slave, d.is_usable()), (0, 27003, true, false));
        assert_eq!(c.describe(2), "  S: c1 127.0.0.1:7003\n     slots: (0 slots) slave\n     replicates a1");
    }

    #[test]
    fn addresses_split_at_the_last_colon() {
        assert_eq!(parse_address("172.19.0.2/16:7000"), Some(("172.19.0.2/16", 7000, None)));
        assert_eq!(parse_address("a:1@2"), Some(("a", 1, Some(2))));
        assert_eq!(parse_address("a"), None);
    }
}
