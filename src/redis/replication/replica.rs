//! The replica's side: receiving the master's snapshot, following its stream (`handshake` says how they meet).

use super::State;
use super::channel::Incoming;
use crate::config;
use crate::data::text::Text;
use crate::keyspace::db::{FOREVER, Record};
use crate::persistence::Progress;
use crate::server::client::{ReplyMode, Role};
use crate::server::{Action, Client, Server};
use resp::{Limits, RequestParser};
use std::collections::VecDeque;

impl Server {
    /// Follows the master that the configuration names.
    pub fn follow_configured_master(&mut self) {
        let text = self.config.text(config::REPLICAOF).to_owned();
        if let Some((host, port)) = text.split_once(' ')
            && let Ok(port) = port.parse()
        {
            if let Some(id) = self.repl.saved_id.take() {
                self.repl.id = id;
                self.repl.offset = self.repl.saved_offset;
                self.repl.followed_db = self.repl.saved_db;
                self.repl.cached = true;
            }
            self.repl.master = Some((host.to_owned(), port));
        }
    }

    /// A master that loaded a snapshot: its replicas may go on where they were when it was saved, under the id that it
    /// had then. Keys that expired meanwhile are gone without a word to them: then they may not.
    pub(crate) fn offer_saved_history(&mut self) {
        let follows = !self.config.text(config::REPLICAOF).is_empty()
            || self.cluster.as_ref().is_some_and(|cluster| !cluster.me().is_master());
        if follows || self.persist.loaded.1 > 0 {
            return;
        }
        if let Some(id) = self.repl.saved_id.take() {
            self.repl.id2 = id;
            self.repl.second_offset = self.repl.saved_offset + 1;
            self.repl.offset = self.repl.saved_offset;
            self.repl.backlog = Some(VecDeque::new());
        }
    }

    /// The database that the stream selected last, as a snapshot tells it.
    pub(crate) fn stream_db(&self) -> usize {
        match (self.repl.is_replica(), self.clients.get(&self.repl.agent)) {
            (true, Some(agent)) => agent.db,
            (true, None) => self.repl.followed_db,
            (false, _) => self.repl.stream_db.unwrap_or(0),
        }
    }

    /// Starts to follow a master.
    pub(crate) fn follow(&mut self, host: &str, port: u16) {
        let was_master = !self.repl.is_replica();
        self.close_link();
        self.remove_agent();
        for id in self.repl.replicas.clone() {
            self.drop_client(id);
        }
        self.unblock_all(
            "UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)",
        );
        self.repl.master = Some((host.to_owned(), port));
        if self.repl.link_up() {
            self.link_went_down();
        }
        self.repl.state = State::Connect;
        self.repl.syncs = (0, 0);
        if was_master {
            self.notice("Before turning into a replica, using my own master parameters to synthesize a cached master: I may be able to synchronize with the new master with just a partial transfer.");
            self.repl.cached = true;
            if self.repl.backlog.is_none() {
                self.repl.backlog = Some(VecDeque::new());
            }
        }
        self.connect_to_master("Connecting to MASTER");
    }

    /// Becomes a master.
    pub(crate) fn stop_following(&mut self) {
        if !self.repl.is_replica() {
            return;
        }
        let up = self.repl.link_up();
        self.close_link();
        self.remove_agent();
        self.repl.master = None;
        self.repl.state = State::Connect;
        self.repl.syncs = (0, 0);
        self.repl.down_since = 0;
        if up {
            self.notice("Connection with master lost.");
            self.notice("Caching the disconnected master state.");
        }
        self.notice("Discarding previously cached master state.");
        self.repl.cached = false;
        let new = self.random_id();
        self.repl.shift_id(new);
        self.repl.stream_db = None;
        if self.repl.backlog.is_none() {
            self.repl.backlog = Some(VecDeque::new());
        }
        let text = format!(
            "Setting secondary replication ID to {}, valid up to offset: {}. New replication ID is {}",
            self.repl.id2, self.repl.second_offset, self.repl.id
        );
        self.notice(&text);
    }

    pub(crate) fn close_link(&mut self) {
        if self.repl.state == State::Loading {
            // Nobody wants the rest any more.
            self.persist.load = None;
            self.loading = false;
            self.repl.parallel = false;
        }
        self.close_channel();
        if let Some(conn) = self.repl.conn.take() {
            self.actions.push(Action::Close(conn));
        }
        self.repl.input.clear();
        self.repl.output.clear();
    }

    fn remove_agent(&mut self) {
        let agent = std::mem::take(&mut self.repl.agent);
        if let Some(agent) = self.clients.remove(&agent) {
            self.repl.followed_db = agent.db;
        }
        self.repl.begun.clear();
    }

    /// The connection with the master ended.
    pub(crate) fn master_lost(&mut self, conn: u64) {
        if self.repl.owns_channel(conn) {
            self.channel_lost();
            return;
        }
        self.close_channel();
        if self.repl.state == State::Loading {
            // What came is loaded first, and then run.
            self.repl.conn = None;
            return;
        }
        self.link_lost();
    }

    fn link_lost(&mut self) {
        let up = self.repl.link_up();
        self.repl.conn = None;
        self.repl.input.clear();
        self.repl.output.clear();
        if up {
            self.link_went_down();
        } else if self.repl.apart_since == 0 {
            self.repl.apart_since = self.now_ms;
        }
        self.repl.state = State::Connect;
        self.remove_agent();
        if up {
            self.notice("Connection with master lost.");
            self.notice("Caching the disconnected master state.");
            self.repl.cached = true;
            self.connect_to_master("Reconnecting to MASTER");
        }
    }

    /// The link was up until now.
    fn link_went_down(&mut self) {
        self.repl.down_since = self.now_ms;
        self.repl.syncs.0 = 0;
        if self.repl.apart_since == 0 {
            self.repl.apart_since = self.now_ms;
        }
    }

    /// Bytes came from the master.
    pub(crate) fn master_received(&mut self, conn: u64, data: &[u8]) {
        self.repl.last_io = self.now_ms;
        self.count.net_repl_in += data.len() as u64;
        if self.repl.owns_channel(conn) {
            self.channel_received(data);
            self.after_event();
            return;
        }
        self.repl.input.extend_from_slice(data);
        loop {
            let before = (self.repl.input.len(), self.repl.state.clone());
            match self.repl.state.clone() {
                State::Handshake(steps) => self.handshake_reply(steps),
                State::Transfer(incoming) => self.receive_snapshot(&incoming),
                State::Connected => {
                    self.follow_stream();
                    break;
                }
                State::Connect | State::Connecting | State::Parallel | State::Loading => break,
            }
            if before == (self.repl.input.len(), self.repl.state.clone()) {
                break;
            }
        }
        self.after_event();
    }

    /// Receives `$size\r\n` or `$EOF:mark\r\n`, then the snapshot.
    fn receive_snapshot(&mut self, incoming: &Incoming) {
        if *incoming == Incoming::default() {
            let Some(line) = self.take_line() else { return };
            if let Some(mark) = line.strip_prefix("$EOF:") {
                self.notice("MASTER <-> REPLICA sync: receiving streamed RDB from master with EOF to disk");
                self.repl.state = State::Transfer(Incoming { size: None, mark: mark.as_bytes().to_vec() });
            } else if let Some(size) = line.strip_prefix('$').and_then(|n| n.parse::<usize>().ok()) {
                self.notice(&format!("MASTER <-> REPLICA sync: receiving {size} bytes from master to disk"));
                self.repl.state = State::Transfer(Incoming { size: Some(size), mark: Vec::new() });
            } else if !line.is_empty() {
                self.warn(&format!("Bad protocol from MASTER, the first byte is not '$' (we received '{line}'), are you sure the host and port are right?"));
                self.give_up_master();
            }
            return;
        }
        let Some(data) = incoming.take(&mut self.repl.input) else { return };
        self.load_from_master(data);
    }

    /// Begins to replace everything by a master's snapshot.
    pub(super) fn load_from_master(&mut self, data: Vec<u8>) {
        if let Some(pid) = self.persist.child.as_ref().filter(|child| child.saves()).map(|child| child.pid) {
            self.notice(&format!("Replica is about to load the RDB file received from the master, but there is a pending RDB child running. Killing process {pid} and removing its temp file to avoid any race"));
            self.kill_save();
        }
        // What is appended would not fit to what is loaded.
        if self.persist.aof_on() {
            self.stop_aof();
        }
        self.notice("MASTER <-> REPLICA sync: Loading DB in memory");
        self.notice("MASTER <-> REPLICA sync: Flushing old data");
        let all: Vec<usize> = (0..self.dbs.len()).collect();
        self.flush(&all);
        self.scripting.functions.flush();
        self.repl.state = State::Loading;
        match self.begin_masters_snapshot(data) {
            Progress::More => {}
            progress => self.masters_snapshot_ended(progress == Progress::Done),
        }
    }

    /// While the snapshot is loaded the master hears once a second that this server is there: else it would give it up.
    pub(crate) fn tell_master_of_life(&mut self) {
        if self.now_ms / 1000 > self.repl.last_io / 1000 {
            self.repl.last_io = self.now_ms;
            self.repl.output.push(b"\n");
            if let Some(conn) = self.repl.conn {
                self.ready_output.insert(conn);
            }
        }
    }

    /// A master's snapshot is loaded, or can't be: the connection is given up then.
    pub(crate) fn masters_snapshot_ended(&mut self, fine: bool) {
        let parallel = std::mem::take(&mut self.repl.parallel);
        self.repl.saved_id = None;
        // Where the snapshot comes from a replica, the stream goes on with what its own master selected.
        self.repl.followed_db = self.repl.saved_db;
        if !fine {
            self.warn("Failed trying to load the MASTER synchronization DB from disk, check server logs.");
            self.give_up_master();
            return;
        }
        self.notice("MASTER <-> REPLICA sync: Finished with success");
        if self.config.bool(config::APPENDONLY) {
            self.notice("MASTER <-> REPLICA sync: Starting AOF after a successful sync");
            self.begin_aof();
        }
        let lost = self.repl.conn.is_none();
        if parallel {
            self.stream_what_waits();
        } else {
            self.go_online();
            self.follow_stream();
        }
        if lost {
            // Its end was not looked at meanwhile.
            self.link_lost();
        }
    }

    /// From now on the stream comes.
    pub(super) fn go_online(&mut self) {
        self.repl.state = State::Connected;
        self.repl.last_io = self.now_ms;
        self.repl.up_since = self.now_ms;
        self.repl.down_since = 0;
        let apart = std::mem::take(&mut self.repl.apart_since);
        if apart != 0 {
            self.repl.disconnected += self.now_ms - apart;
        }
        let id = self.new_conn();
        let (host, port) = self.repl.master.clone().unwrap_or_default();
        let agent = Client {
            id,
            addr: format!("{host}:{port}"),
            authenticated: true,
            role: Role::Master,
            db: self.repl.followed_db,
            user: String::new(),
            reply_mode: ReplyMode::Off,
            last_cmd: "NULL",
            ..Client::default()
        };
        self.clients.insert(id, Box::new(agent));
        self.repl.agent = id;
        self.acknowledge();
    }

    fn acknowledge(&mut self) {
        let offset = self.repl.offset.to_string();
        match self.persist.aof.synced() {
            Some(synced) => self.tell_master(&["REPLCONF", "ACK", &offset, "FACK", &synced.to_string()]),
            None => self.tell_master(&["REPLCONF", "ACK", &offset]),
        }
    }

    /// Runs the commands of the stream.
    pub(super) fn follow_stream(&mut self) {
        if self.script_parked() {
            return;
        }
        let input = std::mem::take(&mut self.repl.input);
        let mut parser = RequestParser::new();
        let mut at = 0;
        let agent = self.repl.agent;
        while at < input.len() && self.repl.agent == agent {
            let Ok(step) = parser.step(&input[at..], Limits::default()) else {
                self.warn("Protocol error from master");
                self.close_link();
                self.master_lost(0);
                return;
            };
            let Some(used) = step else { break };
            let mut argv = Vec::new();
            parser.args(&input[at..], &mut argv);
            let bytes = &input[at..at + used];
            let asks = argv.first().is_some_and(|w| w.eq_ignore_ascii_case(b"replconf"));
            if self.trims_slots() && self.waits_for_trim(&argv) {
                break;
            }
            if !argv.is_empty() && !asks {
                self.repl.running_masters_command = true;
                self.client_mut(agent).request = used;
                self.execute(agent, &argv);
                self.repl.running_masters_command = false;
            }
            if self.repl.agent == agent && self.client(agent).multi.is_some() {
                // A transaction counts, and goes on, once it is whole.
                self.repl.begun.extend_from_slice(bytes);
            } else if self.repl.begun.is_empty() {
                self.stream_out(bytes);
            } else {
                let whole = [&std::mem::take(&mut self.repl.begun)[..], bytes].concat();
                self.stream_out(&whole);
            }
            if asks {
                self.acknowledge();
            }
            at += used;
        }
        if self.repl.agent == agent {
            self.client_mut(agent).out.buf.clear();
            self.repl.input = input[at..].to_vec();
        }
    }

    /// A client changed a key of this replica: where it expires, nobody but the replica will delete it.
    pub(crate) fn note_own_key(&mut self, db: usize, key: &[u8]) {
        if self.dbs.get(db).and_then(|d| d.get(key)).is_some_and(|record| record.expire() != FOREVER) {
            self.repl.own_keys.insert((db, Text::new(key)));
        }
    }

    /// Deletes the expired ones among the keys that clients wrote to this replica.
    pub(crate) fn expire_own_keys(&mut self) {
        const MOST: usize = 200;
        let now = self.now_ms;
        let looked: Vec<(usize, Text)> = self.repl.own_keys.iter().take(MOST).cloned().collect();
        for (db, key) in looked {
            match self.dbs.get(db).and_then(|d| d.get(&key)).map(Record::expire) {
                Some(when) if when != FOREVER && when > now => continue,
                Some(when) if when != FOREVER => self.delete_expired(db, &key),
                _ => {}
            }
            self.repl.own_keys.remove(&(db, key));
        }
    }

    /// A command of the master's failed here: the two may have different data.
    pub(crate) fn master_gets_error(&mut self, text: &[u8]) {
        const SHOWN: usize = 4096;
        const BACKLOG: usize = 256;
        let text = text.strip_prefix(b"ERR ").unwrap_or(text);
        let text = String::from_utf8_lossy(&text[..text.len().min(SHOWN)]).into_owned();
        let command = match self.client(self.repl.agent).last_cmd {
            "NULL" => "<unknown>",
            known => known,
        };
        self.count.unexpected_errors += 1;
        self.warn(&format!(
            "== CRITICAL == This replica is sending an error to its master: '{text}' after processing the command '{command}'"
        ));
        let Some(backlog) = self.repl.backlog.as_ref().filter(|b| !b.is_empty()) else { return };
        let last: Vec<u8> = backlog.iter().skip(backlog.len().saturating_sub(BACKLOG)).copied().collect();
        if self.config.bool(config::HIDE_USER_DATA_FROM_LOG) {
            self.notice("hide-user-data-from-log is on, skip logging backlog content to avoid spilling PII.");
        } else {
            self.notice(&format!("Latest backlog is: '{}'", resp::repr(&last)));
        }
    }

    /// Whether a change has to wait: the keys of its slot are being dropped, and a new one must not go with them.
    fn waits_for_trim(&mut self, argv: &[&[u8]]) -> bool {
        let Ok(command) = self.find_command(argv) else { return false };
        let keys = crate::commands::key_specs::of(command, argv).filter(|_| command.has(crate::commands::flag::WRITE));
        let slots =
            keys.into_iter().flatten().filter_map(|k| argv.get(k.at)).map(|k| crate::keyspace::slots::slot_of(k));
        let Some(slot) = slots.into_iter().find(|slot| self.trims_slot(*slot)) else { return false };
        if !std::mem::replace(&mut self.repl.waits_for_trim, true) {
            self.warn(&format!("Master is sending command for slot {slot}. There is an trim job in progress for this slot. This replica cannot process this command right now. Blocking master client until trim job is done. "));
        }
        true
    }

    /// What kept a replica from following the stream is over.
    pub(crate) fn resume_masters_stream(&mut self) {
        if std::mem::take(&mut self.repl.waits_for_trim) {
            self.notice("Unblocking master client after active trim is completed");
            if self.repl.link_up() {
                self.follow_stream();
            }
        }
    }

    /// Every second.
    pub(super) fn replica_cron(&mut self) {
        let timeout = self.config.int(config::REPL_TIMEOUT) * 1000;
        match self.repl.state {
            State::Connect => self.connect_to_master("Connecting to MASTER"),
            State::Connected => {
                if self.now_ms - self.repl.last_io > timeout {
                    self.warn("MASTER timeout: no data nor PING received...");
                    self.close_link();
                    self.master_lost(0);
                } else {
                    self.acknowledge();
                }
            }
            _ if self.now_ms - self.repl.last_io > timeout => {
                self.warn("Timeout connecting to the MASTER...");
                self.give_up_master();
            }
            _ => {}
        }
    }

    /// REPLICAOF NO ONE.
    pub(crate) fn become_master(&mut self, by: &str) {
        if self.repl.is_replica() {
            self.stop_following();
            self.notice(&format!("MASTER MODE enabled (user request from '{by}')"));
        }
    }
}
