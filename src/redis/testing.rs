//! The engine in a world of its own, for unit tests: a clock that stands still until told, files in memory.

use crate::config::{self, Config};
use crate::server::Server;
use crate::server::connections::Door;
use crate::server::host::{FileResult, Host, Level, System};
use resp::{Value, decode};
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

/// An engine with a client, and a subscriber to all events of keys.
pub struct Bench {
    /// The engine.
    pub server: Server,
    /// Its world.
    pub world: Rc<RefCell<World>>,
    client: u64,
    subscriber: u64,
}

impl Bench {
    /// A server with these lines of configuration.
    pub fn start(settings: &str) -> Bench {
        // Some instant of the year 2026.
        let world = Rc::new(RefCell::new(World { now: 1_790_000_000_000_000, ..World::default() }));
        let mut config = Config::default();
        let settings = format!("enable-debug-command yes\nsave \"\"\n{settings}");
        assert!(config::file::load(&mut config, settings.as_bytes(), &mut Alone).is_ok());
        let mut server = Server::new(Box::new(MemoryHost(world.clone())), config);
        assert!(server.load_data());
        let mut connect = |port| server.accepted(Door::Clients, &format!("127.0.0.1:{port}"), "127.0.0.1:6379", 8);
        let (client, subscriber) = (connect(50001), connect(50002));
        Bench { server, world, client, subscriber }
    }

    fn send(&mut self, conn: u64, words: &[&[u8]]) -> Vec<Value> {
        let mut request = format!("*{}\r\n", words.len()).into_bytes();
        for word in words {
            request.extend_from_slice(format!("${}\r\n", word.len()).as_bytes());
            request.extend_from_slice(word);
            request.extend_from_slice(b"\r\n");
        }
        self.server.received(conn, &request);
        self.take(conn)
    }

    fn take(&mut self, conn: u64) -> Vec<Value> {
        self.server.take_ready();
        let bytes = self.server.output(conn).map(std::mem::take).unwrap_or_default();
        self.server.sent(conn, bytes.len());
        let (mut at, mut replies) = (0, Vec::new());
        while let Ok(Some((value, used))) = decode(&bytes[at..]) {
            replies.push(value);
            at += used;
        }
        replies
    }

    /// What the client hears if it sends these words, separated by blanks.
    pub fn run(&mut self, words: &str) -> String {
        let words: Vec<&[u8]> = words.split_ascii_whitespace().map(str::as_bytes).collect();
        let replies = self.send(self.client, &words);
        replies.iter().map(show).collect::<Vec<_>>().join(" ")
    }

    /// The same for another client.
    pub fn other(&mut self, words: &str) -> String {
        let words: Vec<&[u8]> = words.split_ascii_whitespace().map(str::as_bytes).collect();
        self.send(self.subscriber, &words).iter().map(show).collect::<Vec<_>>().join(" ")
    }

    /// Subscribes to the keyspace's messages.
    pub fn listen(&mut self) {
        self.send(self.subscriber, &[b"PSUBSCRIBE", b"__keyspace@*"]);
    }

    /// The events since it was asked last.
    pub fn heard(&mut self) -> Vec<String> {
        let messages = self.take(self.subscriber);
        messages.iter().map(show).filter_map(|m| Some(m.strip_suffix(')')?.rsplit(' ').next()?.to_owned())).collect()
    }

    /// Lets so many milliseconds pass, a tick at a time.
    pub fn pass(&mut self, ms: i64) {
        for _ in 0..ms {
            self.world.borrow_mut().now += 1000;
            self.server.tick();
        }
    }
}

/// A reply as one line; lists in parentheses.
fn show(value: &Value) -> String {
    let list = |items: &[Value]| format!("({})", items.iter().map(show).collect::<Vec<_>>().join(" "));
    match value {
        Value::Simple(text) | Value::Error(text) | Value::Double(text) => text.clone(),
        Value::Bulk(text) => String::from_utf8_lossy(text).into_owned(),
        Value::Integer(n) => n.to_string(),
        Value::Null | Value::NullArray => "(nil)".to_owned(),
        Value::Array(items) | Value::Map(items) | Value::Set(items) | Value::Push(items) => list(items),
        other => format!("{other:?}"),
    }
}
