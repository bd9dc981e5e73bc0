//! MIGRATE: keys go to another server over a connection of their own.
//!
//! The original waits for the other server's answers and serves nobody meanwhile. So does this one: the
//! server sleeps, except for that connection, until the answers are there or the time is over. What
//! arrives from others waits. Connections are kept for a while, for the next MIGRATE to the same server.

use super::{Action, Server, notify};
use crate::persistence::rdb_write;
use crate::server::outbox::Outbox;
use resp::encode_request;
use std::collections::BTreeMap;

/// How many connections are kept.
const MOST_SOCKETS: usize = 64;
/// How long an unused connection is kept, in milliseconds.
const KEEP_MS: i64 = 10_000;

/// A connection to another server.
#[derive(Clone, Debug, Default)]
struct Socket {
    /// `host:port`.
    target: String,
    up: bool,
    /// Selected database, where that is sure.
    db: Option<i64>,
    /// Used last, in Unix milliseconds.
    used: i64,
    input: Vec<u8>,
    output: Outbox,
}

/// What a client asked for.
#[derive(Clone, Debug)]
pub struct Order {
    /// Who.
    pub client: u64,
    /// The database that the keys are in.
    pub db: usize,
    /// Address or name of the other server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The database that they go to.
    pub target_db: i64,
    /// How long the answers may take, in milliseconds.
    pub timeout: i64,
    /// The keys stay here too.
    pub copy: bool,
    /// The keys there give way.
    pub replace: bool,
    /// AUTH and its words.
    pub auth: Vec<Vec<u8>>,
    /// The keys.
    pub keys: Vec<Vec<u8>>,
}

/// A MIGRATE in progress.
#[derive(Clone, Debug)]
struct Running {
    order: Order,
    socket: u64,
    /// Keys that were sent.
    sent: Vec<Vec<u8>>,
    /// Answers that come before those for the keys: to AUTH and SELECT.
    before: usize,
    answers: Vec<Vec<u8>>,
    may_retry: bool,
    began: i64,
}

/// All of it.
#[derive(Clone, Debug, Default)]
pub struct Migrations {
    sockets: BTreeMap<u64, Socket>,
    running: Option<Box<Running>>,
}

impl Migrations {
    /// Whether a connection is one of these.
    pub fn owns(&self, conn: u64) -> bool {
        self.sockets.contains_key(&conn)
    }

    /// How many connections there are.
    pub fn sockets(&self) -> usize {
        self.sockets.len()
    }

    /// Bytes to be sent on a connection.
    pub fn output(&mut self, conn: u64) -> Option<&mut Outbox> {
        self.sockets.get_mut(&conn).filter(|s| s.up).map(|s| &mut s.output)
    }
}

impl Server {
    /// Begins to carry out an order. The client gets its answer later.
    pub fn migrate(&mut self, order: Order) {
        let began = self.host.mono_us();
        self.start_migration(order, true, began);
    }

    fn start_migration(&mut self, order: Order, may_retry: bool, began: i64) {
        let target = format!("{}:{}", order.host, order.port);
        let known = self.migrations.sockets.iter().find(|(_, s)| s.target == target).map(|(id, _)| *id);
        let socket = known.unwrap_or_else(|| self.open_socket(&order, target));
        let until = order.timeout.saturating_mul(1000);
        let client = order.client;
        self.migrations.running = Some(Box::new(Running {
            order,
            socket,
            sent: Vec::new(),
            before: 0,
            answers: Vec::new(),
            may_retry,
            began,
        }));
        self.sleep_but_for(socket, until, client);
        if known.is_some() {
            self.send_keys();
        }
    }

    fn open_socket(&mut self, order: &Order, target: String) -> u64 {
        if self.migrations.sockets.len() >= MOST_SOCKETS
            && let Some(oldest) = self.migrations.sockets.iter().min_by_key(|(_, s)| s.used).map(|(id, _)| *id)
        {
            self.drop_socket(oldest);
        }
        let conn = self.new_link();
        self.migrations.sockets.insert(conn, Socket { target, used: self.now_ms, ..Socket::default() });
        self.actions.push(Action::Connect { conn, host: order.host.clone(), port: order.port });
        conn
    }

    fn drop_socket(&mut self, conn: u64) {
        if self.migrations.sockets.remove(&conn).is_some() {
            self.actions.push(Action::Close(conn));
        }
    }

    /// Sends everything at once: AUTH, SELECT where needed, and a RESTORE for each key.
    fn send_keys(&mut self) {
        let Some(mut running) = self.migrations.running.take() else { return };
        let order = &running.order;
        let selects = self.migrations.sockets.get(&running.socket).is_none_or(|s| s.db != Some(order.target_db));
        let mut bytes = Vec::new();
        running.before = usize::from(!order.auth.is_empty()) + usize::from(selects);
        if !order.auth.is_empty() {
            encode_request(&mut bytes, &order.auth);
        }
        if selects {
            encode_request(&mut bytes, &[b"SELECT".to_vec(), order.target_db.to_string().into_bytes()]);
        }
        let restore: &[u8] = if self.hot.cluster { b"RESTORE-ASKING" } else { b"RESTORE" };
        for key in &order.keys {
            let Some(value) = self.peek(order.db, key) else { continue };
            let ttl = match self.expire_of(order.db, key) {
                Some(when) if when < self.now_ms => continue,
                Some(when) => (when - self.now_ms).max(1),
                None => 0,
            };
            let (ttl, payload) = (ttl.to_string(), rdb_write::dump(value));
            let mut words: Vec<&[u8]> = vec![restore, key, ttl.as_bytes(), &payload];
            if order.replace {
                words.push(b"REPLACE");
            }
            encode_request(&mut bytes, &words);
            running.sent.push(key.clone());
        }
        if let Some(socket) = self.migrations.sockets.get_mut(&running.socket) {
            socket.output.push(&bytes);
            self.ready_output.insert(running.socket);
        }
        let nothing = running.sent.is_empty();
        self.migrations.running = Some(running);
        if nothing {
            self.finish_migration(None);
        }
    }

    pub(super) fn migrate_connected(&mut self, conn: u64, result: Result<(), &str>) {
        let reason = match result {
            Ok(()) => {
                if let Some(socket) = self.migrations.sockets.get_mut(&conn) {
                    socket.up = true;
                }
                self.send_keys();
                return;
            }
            // Redis takes the socket's answer for success and notices when it writes.
            Err("Connection refused") => "IOERR error or timeout writing to target instance",
            Err(_) => "IOERR error or timeout connecting to the client",
        };
        self.migrations.sockets.remove(&conn);
        self.finish_migration(Some(reason));
    }

    pub(super) fn migrate_received(&mut self, conn: u64, data: &[u8]) {
        let Some(socket) = self.migrations.sockets.get_mut(&conn) else { return };
        let Some(running) = self.migrations.running.as_mut().filter(|r| r.socket == conn) else {
            // Nobody asked.
            self.drop_socket(conn);
            return;
        };
        socket.input.extend_from_slice(data);
        while let Some(end) = socket.input.windows(2).position(|w| w == b"\r\n") {
            let line: Vec<u8> = socket.input.drain(..end + 2).take(end).collect();
            running.answers.push(line);
        }
        if running.answers.len() >= running.before + running.sent.len() {
            self.finish_migration(None);
        }
    }

    pub(super) fn migrate_closed(&mut self, conn: u64) {
        self.migrations.sockets.remove(&conn);
        let Some(running) = self.migrations.running.take_if(|r| r.socket == conn) else { return };
        if running.may_retry && running.answers.len() <= running.before {
            // A connection that was kept too long: nothing was done yet.
            self.start_migration(running.order, false, running.began);
        } else {
            self.migrations.running = Some(running);
            self.finish_migration(Some("IOERR error or timeout reading to target instance"));
        }
    }

    /// The time is over.
    pub(super) fn migrate_late(&mut self) {
        let Some(running) = &self.migrations.running else { return };
        let conn = running.socket;
        let up = self.migrations.sockets.get(&conn).is_some_and(|s| s.up);
        self.drop_socket(conn);
        self.finish_migration(Some(if up {
            "IOERR error or timeout reading to target instance"
        } else {
            "IOERR error or timeout connecting to the client"
        }));
    }

    /// Deletes what the other server has taken, answers the client and serves everybody again.
    fn finish_migration(&mut self, failure: Option<&str>) {
        let Some(running) = self.migrations.running.take() else { return };
        let order = &running.order;
        let (before, answers) = running.answers.split_at(running.before.min(running.answers.len()));
        let refused = before.iter().find(|a| a.starts_with(b"-"));
        let mut complaint = None;
        let mut gone: Vec<&[u8]> = Vec::new();
        for (key, answer) in running.sent.iter().zip(answers) {
            match refused.or(Some(answer).filter(|a| a.starts_with(b"-"))) {
                Some(error) => complaint = complaint.or(Some(error)),
                None if order.copy => {}
                None => gone.push(key),
            }
        }
        self.refresh_time();
        self.forget_migrated(order, &gone);
        let text = match (complaint, failure) {
            (Some(error), _) => {
                let shown = String::from_utf8_lossy(error.get(1..).unwrap_or_default()).into_owned();
                Some(format!("ERR Target instance replied with error: {shown}"))
            }
            (None, failure) => failure.map(str::to_owned),
        };
        let now = self.now_ms;
        if let Some(socket) = self.migrations.sockets.get_mut(&running.socket) {
            socket.db = if text.is_none() { Some(order.target_db) } else { None };
            socket.used = now;
        }
        self.answer_migration(&running, text.as_deref());
        self.wake();
    }

    fn forget_migrated(&mut self, order: &Order, gone: &[&[u8]]) {
        for key in gone {
            self.delete(order.db, key);
            self.key_modified(order.db, key, 0);
            self.notify(notify::GENERIC, "del", key, order.db);
            self.dirty += 1;
        }
        if !gone.is_empty() {
            let words: Vec<&[u8]> = [b"DEL".as_slice()].into_iter().chain(gone.iter().copied()).collect();
            self.propagate_now(order.db, &words);
        }
    }

    fn answer_migration(&mut self, running: &Running, error: Option<&str>) {
        let client = running.order.client;
        self.unblock(client);
        let micros = self.host.mono_us() - running.began;
        self.stats.called("migrate", micros, error.is_some());
        if let Some(text) = error {
            self.count_error(text.as_bytes());
        }
        let Some(asked) = self.clients.get_mut(&client) else { return };
        let out = &mut asked.out;
        match error {
            Some(text) => out.error(text),
            None => out.ok(),
        }
        self.ready_output.insert(client);
    }

    /// Closes connections that nobody used for a while.
    pub(super) fn migrate_cron(&mut self) {
        let old = self.now_ms - KEEP_MS;
        let idle: Vec<u64> = self.migrations.sockets.iter().filter(|(_, s)| s.used < old).map(|(id, _)| *id).collect();
        for conn in idle {
            self.drop_socket(conn);
        }
    }
}

/// The error where MIGRATE can't wait.
pub const CANT_WAIT: &str = "ERR drydock: MIGRATE inside a transaction or a script is not emulated here";

/// A port as `atoi` reads it: the digits that it begins with, of which sixteen bits count.
pub fn port(word: &[u8]) -> u16 {
    let digits = word.iter().take_while(|b| b.is_ascii_digit());
    digits.fold(0, |port: u16, digit| port.wrapping_mul(10).wrapping_add(u16::from(digit - b'0')))
}
