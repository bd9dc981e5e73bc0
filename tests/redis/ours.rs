//! The engine, driven in this process: a clock that stands still, files in memory.

use redis::memory_host::{self, World};
use redis::server::connections::Door;
use redis::server::{Action, Server};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::{SystemTime, UNIX_EPOCH};

/// The engine with some connections.
pub struct Ours {
    /// The engine.
    pub server: Server,
    /// Its world.
    pub world: Rc<RefCell<World>>,
    conns: Vec<u64>,
    peers: u32,
}

impl Ours {
    /// A server of this configuration, with `files`; `None` if it does not start.
    pub fn start(settings: &str, files: BTreeMap<String, Vec<u8>>) -> Option<Ours> {
        let world = Rc::new(RefCell::new(World { files, now: wall_us(), ..World::default() }));
        let server = memory_host::start(&world, settings)?;
        Some(Ours { server, world, conns: Vec::new(), peers: 0 })
    }

    /// Lets the clock catch up with the real one.
    pub fn set_clock(&mut self) {
        self.world.borrow_mut().now = wall_us();
    }

    /// Bytes of a connection, opened on first use; what it answers.
    pub fn send(&mut self, conn: usize, bytes: &[u8]) -> Vec<u8> {
        while self.conns.len() <= conn {
            self.peers += 1;
            let peer = format!("127.0.0.1:{}", self.peers);
            self.conns.push(self.server.accepted(Door::Clients, &peer, "127.0.0.1:6379", 8));
        }
        self.server.received(self.conns[conn], bytes);
        self.settle();
        self.take(conn)
    }

    /// What a connection has to read.
    pub fn take(&mut self, conn: usize) -> Vec<u8> {
        let Some(id) = self.conns.get(conn) else { return Vec::new() };
        self.server.take_output(*id)
    }

    /// Does what the engine asks for.
    fn settle(&mut self) {
        for _ in 0..4 {
            for action in self.server.take_actions() {
                if let Action::StartChild(plan) = action {
                    self.server.run_child(&plan, 2);
                }
            }
            self.server.take_ready();
        }
    }
}

/// The real clock in microseconds.
pub fn wall_us() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_micros() as i64)
}
