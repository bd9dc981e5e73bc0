//! A host whose files are in memory and whose clock stands still until it is told: for tests of this room and others.

use crate::config::{self, Config};
use crate::launch;
use crate::server::Server;
use crate::server::host::{FileResult, Host, Level, System};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// What the host holds.
#[derive(Default)]
pub struct World {
    /// Files by path.
    pub files: BTreeMap<String, Vec<u8>>,
    /// Microseconds since 1970.
    pub now: i64,
    /// Lines of the log.
    pub log: Vec<String>,
    /// State of the generator of random bytes; 0: they are all the same.
    pub random: u64,
}

/// A host of that world.
struct MemoryHost(Rc<RefCell<World>>);

impl Host for MemoryHost {
    fn wall_us(&self) -> i64 {
        self.0.borrow().now
    }
    fn mono_us(&self) -> i64 {
        self.0.borrow().now
    }
    fn random(&mut self, bytes: &mut [u8]) {
        let mut world = self.0.borrow_mut();
        if world.random == 0 {
            bytes.fill(7);
            return;
        }
        for byte in bytes {
            // xorshift64
            world.random ^= world.random << 13;
            world.random ^= world.random >> 7;
            world.random ^= world.random << 17;
            *byte = (world.random >> 32) as u8;
        }
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
    fn rename_file(&mut self, from: &str, to: &str) -> FileResult<()> {
        let mut world = self.0.borrow_mut();
        let data = world.files.remove(from).ok_or_else(|| "No such file or directory".to_owned())?;
        world.files.insert(to.to_owned(), data);
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

/// A server in that world, with these lines of configuration behind what tests always want; `None` where it does not
/// start.
pub fn start(world: &Rc<RefCell<World>>, settings: &str) -> Option<Server> {
    let mut server = unloaded(world, settings)?;
    server.load_data().then_some(server)
}

/// The same before it has loaded its data.
pub fn unloaded(world: &Rc<RefCell<World>>, settings: &str) -> Option<Server> {
    let mut config = Config::default();
    let settings = format!("enable-debug-command yes\nsave \"\"\n{settings}");
    config::file::load(&mut config, settings.as_bytes(), &mut Alone).ok()?;
    Some(Server::new(Box::new(MemoryHost(world.clone())), config))
}

/// A Sentinel in that world, which keeps its configuration in `/sentinel.conf`; what it says where it does not start.
pub fn start_sentinel(world: &Rc<RefCell<World>>, text: &str) -> Result<Server, String> {
    let path = "/sentinel.conf".to_owned();
    world.borrow_mut().files.insert(path.clone(), text.as_bytes().to_vec());
    let invocation = launch::Invocation { file: Some(path), sentinel: true, any: true, ..Default::default() };
    let mut config = Config::default();
    let mut host = MemoryHost(world.clone());
    let file = launch::configure(&mut host, &mut config, &invocation, b"")?;
    let mut server = Server::new(Box::new(host), config);
    server.config_file = file;
    Ok(server)
}
