//! The engine in a world of its own, for unit tests: a client, another that listens, a clock that passes when told.

use crate::memory_host::{self, World};
use crate::server::connections::Door;
use crate::server::{Action, Server};
use resp::{Value, decode};
use std::cell::RefCell;
use std::rc::Rc;

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
        let mut server = memory_host::start(&world, settings).expect("a server that starts");
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
        let bytes = self.server.take_output(conn);
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

    /// One more client.
    pub fn connect(&mut self) -> u64 {
        self.server.accepted(Door::Clients, "127.0.0.1:50003", "127.0.0.1:6379", 9)
    }

    /// What a client gets, as it is, if it sends these words.
    pub fn ask(&mut self, conn: u64, words: &[&str]) -> String {
        let mut request = Vec::new();
        resp::encode_request(&mut request, words);
        self.server.received(conn, &request);
        self.server.take_ready();
        let bytes = self.server.take_output(conn);
        String::from_utf8_lossy(&bytes).into_owned()
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

    /// Lets the child process that the engine asked for, if it did, do all its work at once.
    pub fn run_child(&mut self) {
        let plan = self.server.actions.iter().find_map(|action| match action {
            Action::StartChild(plan) => Some(plan.clone()),
            _ => None,
        });
        if let Some(plan) = plan {
            self.server.actions.retain(|action| !matches!(action, Action::StartChild(_)));
            self.server.run_child(&plan, 7);
        }
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
