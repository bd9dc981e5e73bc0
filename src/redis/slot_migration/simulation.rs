//! Nodes of a cluster with wires between them, in one process: what is sent arrives in pieces and late, by a seed.

use crate::keyspace::slots::slot_of;
use crate::memory_host::{self, World};
use crate::server::connections::Door;
use crate::server::{Action, Server};
use resp::{Value, decode};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// The port of the first node; the bus is 10000 above.
const PORT: u16 = 7000;
const SETTINGS: &str = "cluster-enabled yes\nappendonly yes\nappendfsync always\ncluster-node-timeout 1500\n\
                        cluster-require-full-coverage no\nrepl-diskless-sync-delay 0\n";

/// One end of a wire: which node, which connection there.
type End = (usize, u64);

/// Some nodes and what is between them.
pub struct Net {
    nodes: Vec<Option<Server>>,
    worlds: Vec<Rc<RefCell<World>>>,
    wires: BTreeMap<End, End>,
    /// What is on its way to an end.
    flying: BTreeMap<End, Vec<u8>>,
    /// Children that save, and when they are done.
    children: BTreeMap<usize, i64>,
    clients: BTreeMap<usize, u64>,
    /// How long a child saves for, in ms.
    pub saving: i64,
    random: u64,
    settings: String,
}

impl Net {
    /// So many masters that share the slots and know each other.
    pub fn start(count: usize, seed: u64, settings: &str) -> Net {
        let world = |n: usize| {
            let random = (seed + 1) * 1_000_003 + n as u64 * 7919;
            Rc::new(RefCell::new(World { now: 1_790_000_000_000_000, random, ..World::default() }))
        };
        let mut net = Net {
            nodes: (0..count).map(|_| None).collect(),
            worlds: (0..count).map(world).collect(),
            wires: BTreeMap::new(),
            flying: BTreeMap::new(),
            children: BTreeMap::new(),
            clients: BTreeMap::new(),
            saving: 20,
            random: seed * 2 + 1,
            settings: format!("{SETTINGS}{settings}"),
        };
        for n in 0..count {
            net.boot(n);
        }
        let share = 16384 / count;
        for n in 0..count {
            let last = if n + 1 == count { 16383 } else { (n + 1) * share - 1 };
            assert_eq!(net.run(n, &format!("CLUSTER ADDSLOTSRANGE {} {last}", n * share)), "OK");
            assert_eq!(net.run(n, &format!("CLUSTER SET-CONFIG-EPOCH {}", n + 1)), "OK");
            net.run(0, &format!("CLUSTER MEET 127.0.0.1 {}", usize::from(PORT) + n));
        }
        net.pass(6000);
        for n in 0..count {
            let info = net.run(n, "CLUSTER INFO");
            assert!(info.contains("cluster_state:ok") && info.contains(&format!("known_nodes:{count}")), "{info}");
        }
        net
    }

    /// A random number below another.
    pub fn below(&mut self, n: usize) -> usize {
        self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.random >> 33) as usize % n.max(1)
    }

    /// Starts a node, on the files that it has.
    pub fn boot(&mut self, n: usize) {
        let settings = format!("port {}\n{}", PORT + n as u16, self.settings);
        let mut server = memory_host::unloaded(&self.worlds[n], &settings).expect("a server");
        assert!(server.cluster_load() && server.load_data());
        server.fit_slots_to_data();
        let client = server.accepted(Door::Clients, "127.0.0.1:50001", "127.0.0.1:7000", 8);
        self.clients.insert(n, client);
        self.nodes[n] = Some(server);
    }

    /// Whether a node runs.
    pub fn runs(&self, n: usize) -> bool {
        self.nodes[n].is_some()
    }

    /// The engine of a node.
    pub fn node(&mut self, n: usize) -> &mut Server {
        self.nodes[n].as_mut().expect("a node that runs")
    }

    /// Ends a node without a word.
    pub fn kill(&mut self, n: usize) {
        self.nodes[n] = None;
        self.children.remove(&n);
        let mine: Vec<End> = self.wires.keys().filter(|end| end.0 == n).copied().collect();
        for end in mine {
            self.cut(end);
        }
    }

    /// Ends a wire; the other side hears it, after what is on its way.
    fn cut(&mut self, end: End) {
        let Some(other) = self.wires.remove(&end) else { return };
        self.flying.remove(&end);
        self.wires.remove(&other);
        let rest = self.flying.remove(&other).unwrap_or_default();
        if let Some(node) = &mut self.nodes[other.0] {
            if !rest.is_empty() {
                node.received(other.1, &rest);
            }
            node.disconnected(other.1);
        }
    }

    fn act(&mut self, n: usize) {
        let Some(node) = &mut self.nodes[n] else { return };
        for action in node.take_actions() {
            match action {
                Action::Connect { conn, port, .. } => self.connect(n, conn, port),
                Action::Close(conn) => {
                    self.collect((n, conn));
                    self.cut((n, conn));
                }
                Action::StartChild(_) => {
                    self.node(n).child_started(2);
                    let done = self.worlds[n].borrow().now + self.saving * 1000;
                    self.children.insert(n, done);
                }
                Action::KillChild => {
                    self.children.remove(&n);
                    self.node(n).child_killed(10);
                }
                _ => {}
            }
        }
        let now = self.worlds[n].borrow().now;
        if let Some(done) = self.children.get(&n).copied()
            && self.node(n).child_slice().last.is_some()
            && done <= now
        {
            self.children.remove(&n);
            self.node(n).child_done(true);
        }
    }

    fn connect(&mut self, from: usize, conn: u64, port: u16) {
        let bus = port >= PORT + 10_000;
        let to = usize::from(port - if bus { PORT + 10_000 } else { PORT });
        let door = if bus { Door::Bus } else { Door::Clients };
        let end =
            self.nodes.get_mut(to).and_then(Option::as_mut).map(|node| {
                node.accepted(door, &format!("127.0.0.1:{}", 40_000 + from), &format!("127.0.0.1:{port}"), 9)
            });
        match end {
            Some(end) => {
                self.wires.insert((from, conn), (to, end));
                self.wires.insert((to, end), (from, conn));
                self.node(from).connected(conn, Ok(format!("127.0.0.1:{}", 40_000 + from)));
            }
            None => self.node(from).connected(conn, Err("Connection refused".to_owned())),
        }
    }

    /// Takes what an end has to say onto its way.
    fn collect(&mut self, end: End) {
        let Some(other) = self.wires.get(&end).copied() else { return };
        let Some(node) = &mut self.nodes[end.0] else { return };
        let said = node.take_output(end.1);
        if !said.is_empty() {
            self.flying.entry(other).or_default().extend(said);
        }
    }

    /// A millisecond.
    pub fn step(&mut self) {
        for n in 0..self.nodes.len() {
            self.worlds[n].borrow_mut().now += 1000;
            if let Some(node) = &mut self.nodes[n] {
                if node.next_wakeup() <= self.worlds[n].borrow().now {
                    node.tick();
                }
                node.take_ready();
            }
            self.act(n);
        }
        for end in self.wires.keys().copied().collect::<Vec<_>>() {
            self.collect(end);
        }
        for end in self.flying.keys().copied().collect::<Vec<_>>() {
            if self.below(3) == 0 {
                continue;
            }
            let Some(bytes) = self.flying.get_mut(&end) else { continue };
            let len = bytes.len();
            let most = if len > 4 && self.below(2) == 0 { 1 + self.below(len) } else { len };
            let Some(bytes) = self.flying.get_mut(&end) else { continue };
            let piece: Vec<u8> = bytes.drain(..most).collect();
            if bytes.is_empty() {
                self.flying.remove(&end);
            }
            if let Some(node) = &mut self.nodes[end.0] {
                node.received(end.1, &piece);
            }
        }
    }

    /// Lets time pass.
    pub fn pass(&mut self, ms: usize) {
        for _ in 0..ms {
            self.step();
        }
    }

    /// Says something to a node.
    pub fn say(&mut self, n: usize, words: &[&[u8]]) {
        let mut request = Vec::new();
        resp::encode_request(&mut request, words);
        let client = self.clients[&n];
        if let Some(node) = &mut self.nodes[n] {
            node.received(client, &request);
        }
    }

    /// The next answer of a node, if there is one.
    pub fn heard(&mut self, n: usize) -> Option<String> {
        let client = self.clients[&n];
        let node = self.nodes[n].as_mut()?;
        let (value, used) = decode(node.output(client)?).ok()??;
        node.sent(client, used);
        Some(show(&value))
    }

    /// Says something to a node that answers at once.
    pub fn run(&mut self, n: usize, words: &str) -> String {
        let words: Vec<&[u8]> = words.split(' ').map(str::as_bytes).collect();
        self.say(n, &words);
        let answer = self.heard(n).expect("an answer");
        self.act(n);
        answer
    }

    /// A field of a task's STATUS.
    pub fn status(&mut self, n: usize, field: &str) -> String {
        let all = self.run(n, "CLUSTER MIGRATION STATUS ALL");
        let mut words = all.split('|').skip_while(|word| *word != field);
        words.nth(1).unwrap_or_default().to_owned()
    }

    /// The nodes that have a key, and their values.
    pub fn holders(&mut self, key: &str) -> Vec<(usize, String)> {
        let all = self.nodes.iter().enumerate().filter_map(|(n, node)| {
            let value = node.as_ref()?.peek(0, key.as_bytes())?;
            Some((n, value.bytes().map_or(String::new(), |b| String::from_utf8_lossy(&b).into_owned())))
        });
        all.collect()
    }

    /// Which node has a slot, as a node sees it.
    pub fn owner(&mut self, n: usize, key: &str) -> Option<usize> {
        let cluster = self.node(n).cluster.as_ref()?;
        Some(usize::from(cluster.owner(slot_of(key.as_bytes()))?.port - PORT))
    }

    /// Lines of a node's log.
    pub fn log(&self, n: usize) -> Vec<String> {
        self.worlds[n].borrow().log.clone()
    }
}

/// A reply as text; the items of lists between bars.
fn show(value: &Value) -> String {
    match value {
        Value::Simple(text) | Value::Error(text) => text.clone(),
        Value::Bulk(text) | Value::Verbatim(_, text) => String::from_utf8_lossy(text).into_owned(),
        Value::Integer(n) => n.to_string(),
        Value::Null | Value::NullArray => "(nil)".to_owned(),
        Value::Array(items) | Value::Map(items) => items.iter().map(show).collect::<Vec<_>>().join("|"),
        other => format!("{other:?}"),
    }
}
