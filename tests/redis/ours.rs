//! The engine, driven in this process: a clock that stands still, files in memory.

use redis::config::{self, Config};
use redis::server::connections::Door;
use redis::server::host::{FileResult, Host, Level, System};
use redis::server::{Action, Server};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::{SystemTime, UNIX_EPOCH};

/// Files, the clock and the log; the test holds it too.
#[derive(Default)]
pub struct World {
    /// Files by path.
    pub files: BTreeMap<String, Vec<u8>>,
    /// Microseconds since 1970.
    pub now: i64,
    /// Lines of the log.
    pub log: Vec<String>,
}

struct MemoryHost(Rc<RefCell<World>>);

impl Host for MemoryHost {
    fn wall_us(&self) -> i64 {
        self.0.borrow().now
    }
    fn mono_us(&self) -> i64 {
        self.0.borrow().now
    }
    fn random(&mut self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
    fn read_file(&mut self, path: &str) -> FileResult<Option<Vec<u8>>> {
        Ok(self.0.borrow().files.get(path).cloned())
    }
    fn write_file(&mut self, path: &str, data: &[u8]) -> FileResult<()> {
        self.0.borrow_mut().files.insert(path.to_owned(), data.to_vec());
        Ok(())
    }
    fn append_file(&mut self, path: &str, data: &[u8]) -> FileResult<()> {
        self.0.borrow_mut().files.entry(path.to_owned()).or_default().extend_from_slice(data);
        Ok(())
    }
    fn remove_file(&mut self, path: &str) -> FileResult<()> {
        self.0.borrow_mut().files.remove(path).map(drop).ok_or_else(|| "No such file or directory".to_owned())
    }
    fn make_dir(&mut self, _path: &str) -> FileResult<()> {
        Ok(())
    }
    fn change_dir(&mut self, path: &str) -> FileResult<String> {
        Ok(path.to_owned())
    }
    fn current_dir(&mut self) -> String {
        "/data".to_owned()
    }
    fn log(&mut self, _role: char, _level: Level, text: &str) {
        self.0.borrow_mut().log.push(text.to_owned());
    }
    fn log_raw(&mut self, text: &str) {
        self.0.borrow_mut().log.push(text.to_owned());
    }
    fn pid(&self) -> u32 {
        1
    }
    fn system(&self) -> System {
        System { os: "Linux".to_owned(), executable: "/redis-server".to_owned(), memory: 1 << 30 }
    }
}

/// A configuration that reads no other file.
struct Alone;

impl config::file::Around for Alone {
    fn include(&mut self, _path: &str) -> Result<Vec<u8>, String> {
        Err("No such file or directory".to_owned())
    }
    fn enter(&mut self, dir: &str) -> Result<String, String> {
        Ok(dir.to_owned())
    }
}

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
        let mut config = Config::default();
        let settings = format!("enable-debug-command yes\nsave \"\"\n{settings}");
        config::file::load(&mut config, settings.as_bytes(), &mut Alone).ok()?;
        let mut server = Server::new(Box::new(MemoryHost(world.clone())), config);
        let fine = server.load_data();
        fine.then_some(Ours { server, world, conns: Vec::new(), peers: 0 })
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
        let bytes = self.server.output(*id).map(std::mem::take).unwrap_or_default();
        self.server.sent(*id, bytes.len());
        bytes
    }

    /// Does what the engine asks for.
    fn settle(&mut self) {
        for _ in 0..4 {
            for action in self.server.take_actions() {
                if let Action::Save { path, data, .. } = action {
                    self.server.child_started(2);
                    if let Some(path) = path {
                        self.world.borrow_mut().files.insert(path, data);
                    }
                    self.server.child_done(true);
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
