//! Several servers with wires between them, all on one clock.

use crate::memory_host::{self, World};
use crate::server::connections::Door;
use crate::server::{Action, Server};
use resp::{Value, decode, encode_request};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Milliseconds between two looks at everybody.
const STEP: i64 = 20;

pub struct Node {
    pub server: Server,
    pub world: Rc<RefCell<World>>,
    port: u16,
    up: bool,
    /// Stopped: connections stay, nobody answers.
    pub frozen: bool,
    client: u64,
    /// What it asked to be run.
    pub runs: Vec<Vec<String>>,
    /// The status with which it ended.
    pub status: Option<u8>,
}

/// One end of a wire: a node and its number of the connection.
type End = (usize, u64);

#[derive(Default)]
pub struct Net {
    pub nodes: Vec<Node>,
    wires: BTreeMap<End, End>,
    now: i64,
}

fn world_at(now: i64) -> Rc<RefCell<World>> {
    Rc::new(RefCell::new(World { now, ..World::default() }))
}

/// A client connects.
fn call(server: &mut Server, port: u16) -> u64 {
    server.accepted(Door::Clients, "10.0.0.99:50000", &format!("10.0.0.1:{port}"), 8)
}

impl Net {
    /// A master on port 6379, replicas on the following ones, Sentinels from 26379 on that watch it.
    pub fn start(replicas: u16, sentinels: u16, settings: &str) -> Net {
        let mut net = Net { now: 1_790_000_000_000_000, ..Net::default() };
        net.server(6379, "");
        for n in 1..=replicas {
            net.server(6379 + n, "replicaof 10.0.0.1 6379");
        }
        for n in 0..sentinels {
            net.sentinel(26379 + n, settings);
        }
        net
    }

    pub fn server(&mut self, port: u16, settings: &str) -> usize {
        let world = world_at(self.now);
        let settings = format!("port {port}\nprotected-mode no\nrepl-diskless-sync-delay 0\n{settings}");
        let mut server = memory_host::start(&world, &settings).expect("a server that starts");
        server.follow_configured_master();
        self.add(server, world, port)
    }

    pub fn sentinel(&mut self, port: u16, settings: &str) -> usize {
        let world = world_at(self.now);
        let id = format!("{port:040}");
        let text = format!(
            "port {port}\nsentinel myid {id}\nsentinel monitor mymaster 10.0.0.1 6379 2\nsentinel down-after-milliseconds mymaster 3000\nsentinel failover-timeout mymaster 20000\n{settings}"
        );
        let server = memory_host::start_sentinel(&world, &text).expect("a Sentinel that starts");
        let at = self.add(server, world, port);
        self.nodes[at].server.sentinel_is_running();
        at
    }

    fn add(&mut self, mut server: Server, world: Rc<RefCell<World>>, port: u16) -> usize {
        let at = self.nodes.len();
        // The randomness of tests is all the same.
        server.rng = crate::server::random::Rng::new(u64::from(port));
        server.run_id = format!("{port:040}");
        server.repl.id = format!("{port:040}");
        let client = call(&mut server, port);
        self.nodes.push(Node { server, world, port, up: true, frozen: false, client, runs: Vec::new(), status: None });
        at
    }

    /// What a client of a node hears if it sends these words.
    pub fn run(&mut self, at: usize, words: &str) -> String {
        let mut request = Vec::new();
        encode_request(&mut request, &words.split(' ').collect::<Vec<_>>());
        let node = &mut self.nodes[at];
        // A server that changed its role closed its clients' connections.
        if !node.server.clients.contains_key(&node.client) {
            node.client = call(&mut node.server, node.port);
        }
        node.server.received(node.client, &request);
        let bytes = node.server.take_output(node.client);
        decode(&bytes).ok().flatten().map_or_else(String::new, |(value, _)| show(&value))
    }

    /// A node ends: nobody can connect, and the connections are lost.
    pub fn kill(&mut self, at: usize) {
        self.nodes[at].up = false;
        for (end, other) in self.wires.clone() {
            if end.0 == at {
                self.cut(end, other);
            }
        }
    }

    fn cut(&mut self, end: End, other: End) {
        self.wires.remove(&end);
        self.wires.remove(&other);
        if self.nodes[other.0].up {
            self.nodes[other.0].server.disconnected(other.1);
        }
    }

    /// A server that was killed begins anew, with no data.
    pub fn revive(&mut self, at: usize, settings: &str) {
        let port = self.nodes[at].port;
        let new = self.server(port, settings);
        let mut node = self.nodes.remove(new);
        node.server.run_id = format!("{:040}", port + 1000);
        self.nodes[at] = node;
    }

    fn act(&mut self, at: usize) {
        for action in self.nodes[at].server.take_actions() {
            match action {
                Action::Connect { conn, port, .. } => self.connect((at, conn), port),
                Action::Close(conn) => {
                    if let Some(other) = self.wires.get(&(at, conn)).copied() {
                        self.cut((at, conn), other);
                    }
                }
                Action::StartChild(plan) => self.nodes[at].server.run_child(&plan, 2),
                Action::Run { argv } => {
                    let pid = 100 + self.nodes[at].runs.len() as u32;
                    self.nodes[at].runs.push(argv);
                    self.nodes[at].server.script_started(Some(pid));
                }
                Action::Exit(status) => {
                    self.nodes[at].status = Some(status);
                    self.kill(at);
                }
                _ => {}
            }
        }
    }

    fn connect(&mut self, end: End, port: u16) {
        let local = format!("10.0.0.1:{}", 40_000 + end.1);
        let Some(to) = self.nodes.iter().position(|node| node.port == port && node.up) else {
            self.nodes[end.0].server.connected(end.1, Err("Connection refused".to_owned()));
            return;
        };
        let other = self.nodes[to].server.accepted(Door::Clients, &local, &format!("10.0.0.1:{port}"), 9);
        self.wires.insert(end, (to, other));
        self.wires.insert((to, other), end);
        self.nodes[end.0].server.connected(end.1, Ok(local));
    }

    /// Carries what was said.
    fn carry(&mut self) {
        for (end, other) in self.wires.clone() {
            if self.nodes[end.0].frozen || self.nodes[other.0].frozen || !self.wires.contains_key(&end) {
                continue;
            }
            let said = self.nodes[end.0].server.take_output(end.1);
            if !said.is_empty() {
                self.nodes[other.0].server.received(other.1, &said);
            }
        }
    }

    /// Lets seconds pass.
    pub fn pass(&mut self, seconds: i64) {
        for _ in 0..seconds * 1000 / STEP {
            self.now += STEP * 1000;
            for at in 0..self.nodes.len() {
                self.nodes[at].world.borrow_mut().now = self.now;
                let node = &mut self.nodes[at];
                if node.up && !node.frozen {
                    node.server.tick();
                    self.act(at);
                }
            }
            self.carry();
            for at in 0..self.nodes.len() {
                if self.nodes[at].up && !self.nodes[at].frozen {
                    self.act(at);
                }
            }
        }
    }

    /// Lines of a node's log that contain a text.
    pub fn told(&self, at: usize, text: &str) -> usize {
        self.nodes[at].world.borrow().log.iter().filter(|line| line.contains(text)).count()
    }

    /// Events of a node's log, without what comes behind their names.
    pub fn events(&self, at: usize) -> Vec<String> {
        let world = self.nodes[at].world.borrow();
        let events = world.log.iter().filter(|line| line.starts_with(['+', '-']));
        events.map(|line| line.split(' ').next().unwrap_or_default().to_owned()).collect()
    }

    /// A node's configuration file.
    pub fn file(&self, at: usize) -> String {
        let world = self.nodes[at].world.borrow();
        String::from_utf8_lossy(world.files.get("/sentinel.conf").map_or(&[][..], Vec::as_slice)).into_owned()
    }
}

/// A reply as one line; lists in parentheses.
fn show(value: &Value) -> String {
    match value {
        Value::Simple(text) | Value::Error(text) => text.clone(),
        Value::Bulk(text) => String::from_utf8_lossy(text).into_owned(),
        Value::Integer(n) => n.to_string(),
        Value::Array(items) => format!("({})", items.iter().map(show).collect::<Vec<_>>().join(" ")),
        _ => "(nil)".to_owned(),
    }
}
