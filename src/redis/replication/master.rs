//! The master's side: PSYNC, snapshots for replicas, the stream.

use super::Replication;
use crate::config;
use crate::server::client::{BlockedOn, Role};
use crate::server::{Cx, Res, Server};
use resp::encode_request;
use std::collections::VecDeque;

/// What is known of a replica that this server feeds.
#[derive(Clone, Debug, Default)]
pub struct ReplicaState {
    /// The port it listens on; 0 until it told.
    pub port: i64,
    /// The address it announced.
    pub ip: String,
    /// Up to where it acknowledged.
    pub acked: i64,
    /// Up to which offset it has all on its disk.
    pub synced: i64,
    /// When it did (ms).
    pub ack_time: i64,
    /// It gets the stream.
    pub online: bool,
    /// It waits for a snapshot.
    pub waits: bool,
    /// It came with SYNC: no line goes before its snapshot.
    pub bare: bool,
    /// It can take a snapshot whose end is a mark.
    pub takes_mark: bool,
    /// It can take the snapshot over a second connection.
    pub takes_channel: bool,
    /// This is that second connection; the stream goes over the first, whose number this is.
    pub channel_of: Option<u64>,
    /// It wants a snapshot and nothing after it.
    pub rdb_only: bool,
    /// Its snapshot is to have functions alone.
    pub functions_only: bool,
    /// What it gets after its snapshot; `None` while nothing is held back.
    pub held: Option<Vec<u8>>,
    /// The first acknowledgement says that it loaded the snapshot.
    pub until_ack: bool,
}

impl Server {
    /// `ip:port` of a replica, as the log shows it.
    pub(super) fn replica_name(&self, id: u64) -> String {
        let client = self.client(id);
        let state = client.replica.as_deref().cloned().unwrap_or_default();
        let state = match state.channel_of.and_then(|main| self.clients.get(&main)?.replica.as_deref()) {
            Some(main) => ReplicaState { port: main.port.max(state.port), ip: main.ip.clone(), ..state },
            None => state,
        };
        let ip = if state.ip.is_empty() { client.ip().to_owned() } else { state.ip };
        if state.port > 0 { format!("{ip}:{}", state.port) } else { format!("{ip}:<unknown-replica-port>") }
    }

    /// REPLCONF.
    pub(crate) fn replconf(
        &mut self,
        cx_client: u64,
        argv: &[&[u8]],
        out: &mut resp::Reply,
    ) -> Result<(), &'static str> {
        if argv.len().is_multiple_of(2) {
            return Err(crate::server::err::SYNTAX);
        }
        let now = self.now_ms;
        for pair in argv[1..].chunks(2) {
            let value = String::from_utf8_lossy(pair[1]).into_owned();
            let number = resp::parse_i64(pair[1]);
            let state = self.client_mut(cx_client).replica.get_or_insert_default();
            match pair[0].to_ascii_lowercase().as_slice() {
                b"listening-port" => state.port = number.ok_or(crate::server::err::NOT_INT)?,
                b"ip-address" => state.ip = value,
                b"capa" => match pair[1].to_ascii_lowercase().as_slice() {
                    b"eof" => state.takes_mark = true,
                    b"rdb-channel-repl" => state.takes_channel = true,
                    _ => {}
                },
                b"rdb-only" => state.rdb_only = number == Some(1),
                b"main-ch-client-id" => state.channel_of = number.and_then(|n| u64::try_from(n).ok()),
                b"rdb-filter-only" => state.functions_only = value.eq_ignore_ascii_case("functions"),
                b"version" | b"rdb-channel" => {}
                b"ack" => {
                    let offset = number.unwrap_or(0);
                    state.acked = state.acked.max(offset);
                    state.ack_time = now;
                    if let Some([name, synced]) = argv.get(3..5)
                        && name.eq_ignore_ascii_case(b"fack")
                    {
                        state.synced = state.synced.max(resp::parse_i64(synced).unwrap_or(0));
                    }
                    self.snapshot_acknowledged(cx_client);
                    self.serve_waits();
                    return Ok(());
                }
                b"getack" => return Ok(()),
                _ => {
                    out.error_bytes(&[b"ERR Unrecognized REPLCONF option: ".as_slice(), pair[0]].concat());
                    return Ok(());
                }
            }
        }
        out.ok();
        Ok(())
    }

    /// Slots that go away make a backlog too, as a first replica does.
    pub(crate) fn create_backlog_for_slots(&mut self) {
        if self.repl.replicas.is_empty() {
            self.create_backlog(true);
        }
    }

    fn create_backlog(&mut self, new_id: bool) {
        if self.repl.backlog.is_some() {
            return;
        }
        self.repl.backlog = Some(VecDeque::new());
        if new_id {
            self.repl.id = self.random_id();
            self.repl.id2 = "0".repeat(40);
            self.repl.second_offset = -1;
        }
        let text = format!(
            "Replication backlog created, my new replication IDs are '{}' and '{}'",
            self.repl.id, self.repl.id2
        );
        self.notice(&text);
    }

    /// PSYNC and SYNC.
    pub(crate) fn sync_request(&mut self, id: u64, wanted: Option<(&[u8], i64)>, out: &mut resp::Reply) {
        if self.client(id).role == Role::Replica {
            return;
        }
        let name = self.replica_name(id);
        self.notice(&format!("Replica {name} asks for synchronization"));
        let mut full = true;
        if let Some((their_id, offset)) = wanted {
            let their_id = String::from_utf8_lossy(their_id).into_owned();
            full = !self.try_partial(id, &their_id, offset, &name, out);
            if full && their_id != "?" {
                self.count.sync_err += 1;
            }
        }
        let diskless = self.config.bool(config::REPL_DISKLESS_SYNC);
        let channels = diskless && self.config.bool(config::REPL_RDB_CHANNEL);
        let client = self.client_mut(id);
        client.role = Role::Replica;
        client.authenticated = true;
        let state = client.replica.get_or_insert_default();
        state.online = !full;
        state.bare = wanted.is_none();
        let over_channel = full && channels && state.takes_channel && state.channel_of.is_none() && !state.bare;
        state.waits = full && !over_channel;
        let (channel, delayed) = (state.channel_of.is_some(), diskless && state.takes_mark);
        if channel {
            self.repl.channels.push(id);
        } else if !self.repl.replicas.contains(&id) {
            self.repl.replicas.push(id);
        }
        if !full {
            self.count.sync_ok += 1;
            return;
        }
        let no_backlog = self.repl.backlog.is_none();
        self.create_backlog(no_backlog && !self.repl.is_replica());
        if over_channel {
            self.notice(&format!("Replica {name} is capable of rdb channel synchronization, and partial sync isn't possible. Full sync will continue with dedicated rdb channel."));
            out.simple(&format!("RDBCHANNELSYNC {id}"));
            return;
        }
        self.count.sync_full += 1;
        let most = self.config.size(config::REPL_DISKLESS_SYNC_MAX_REPLICAS);
        let waiting = |id: &&u64| self.client(**id).replica.as_deref().is_some_and(|r| r.waits);
        let enough = most > 0 && self.repl.channels.iter().chain(&self.repl.replicas).filter(waiting).count() >= most;
        let delay = if delayed && !enough { self.config.int(config::REPL_DISKLESS_SYNC_DELAY) * 1000 } else { 0 };
        if self.repl.sync_at.is_none() || delay == 0 {
            if delay > 0 {
                self.notice("Delay next BGSAVE for diskless SYNC");
            }
            self.repl.sync_at = Some(self.now_ms + delay);
        }
        if delay == 0 {
            self.send_snapshots();
        }
    }

    fn try_partial(&mut self, id: u64, their_id: &str, offset: i64, name: &str, out: &mut resp::Reply) -> bool {
        let same = their_id == self.repl.id || (their_id == self.repl.id2 && offset <= self.repl.second_offset);
        if !same {
            if their_id == "?" {
                let channel = self.client(id).replica.as_deref().is_some_and(|r| r.channel_of.is_some());
                self.notice(&format!(
                    "Full resync requested by replica {name} {}",
                    if channel { "(rdb-channel)" } else { "" }
                ));
            } else if their_id == self.repl.id2 {
                let text = format!(
                    "Partial resynchronization not accepted: Requested offset for second ID was {offset}, but I can reply up to {}",
                    self.repl.second_offset
                );
                self.notice(&text);
            } else {
                let text = format!(
                    "Partial resynchronization not accepted: Replication ID mismatch (Replica asked for '{their_id}', my replication IDs are '{}' and '{}')",
                    self.repl.id, self.repl.id2
                );
                self.notice(&text);
            }
            return false;
        }
        let Some(backlog) = &self.repl.backlog else {
            self.notice(&format!(
                "Unable to partial resync with replica {name} for lack of backlog (Replica request was: {offset})."
            ));
            return false;
        };
        let first = self.repl.first_byte();
        if offset < first || offset > self.repl.offset + 1 {
            self.notice(&format!(
                "Unable to partial resync with replica {name} for lack of backlog (Replica request was: {offset})."
            ));
            return false;
        }
        let missed: Vec<u8> = backlog.iter().skip((offset - first) as usize).copied().collect();
        out.simple(&format!("CONTINUE {}", self.repl.id));
        out.raw(&missed);
        let count = missed.len();
        self.notice(&format!("Partial resynchronization request from {name} accepted. Sending {count} bytes of backlog starting from offset {offset}."));
        self.client_mut(id).replica.get_or_insert_default().acked = offset - 1;
        self.count_good_replicas();
        true
    }

    /// A replica went.
    pub(crate) fn replica_lost(&mut self, id: u64) {
        let name = self.replica_name(id);
        if self.repl.channels.contains(&id) {
            self.repl.channels.retain(|r| *r != id);
            self.notice(&format!("Connection with replica (rdbchannel) {name} lost."));
        } else {
            self.repl.replicas.retain(|r| *r != id);
            self.notice(&format!("Connection with replica {name} lost."));
            self.count_good_replicas();
        }
        self.nobody_takes_snapshot();
    }

    /// Adds a change to the stream.
    pub(crate) fn feed_replicas(&mut self, db: Option<usize>, words: &[Vec<u8>]) {
        if !self.repl.feeds() {
            if !self.repl.is_replica() {
                // Nobody follows, but what the append only file has on the disk is told by offsets too.
                self.repl.offset += 1;
            }
            return;
        }
        let mut bytes = Vec::new();
        if let Some(db) = db.filter(|db| self.repl.stream_db != Some(*db)) {
            let n = db.to_string();
            encode_request(&mut bytes, &["SELECT", &n]);
            self.repl.stream_db = Some(db);
        }
        let selects = bytes.len();
        encode_request(&mut bytes, words);
        self.count_stream(bytes.len() - selects);
        self.stream_out(&bytes);
    }

    /// Adds bytes to the stream and sends them to all replicas.
    pub(super) fn stream_out(&mut self, bytes: &[u8]) {
        let size = self.config.size(config::REPL_BACKLOG_SIZE);
        self.repl.extend(bytes, size);
        for id in self.repl.replicas.clone() {
            let Some(state) = self.client_mut(id).replica.as_deref_mut() else { continue };
            if let Some(held) = &mut state.held {
                held.extend_from_slice(bytes);
            } else if state.online {
                self.send(id, bytes);
            }
        }
    }

    /// Every second.
    pub(crate) fn replication_cron(&mut self) {
        self.repl.ticks += 1;
        if self.repl.is_replica() {
            self.replica_cron();
        }
        let now = self.now_ms;
        let period = self.config.int(config::REPL_PING_REPLICA_PERIOD).max(1) as u64;
        if self.repl.ticks.is_multiple_of(period)
            && self.repl.feeds()
            && !self.repl.replicas.is_empty()
            && self.pause.is_none()
        {
            let mut bytes = Vec::new();
            encode_request(&mut bytes, &["PING"]);
            self.stream_out(&bytes);
        }
        for id in self.repl.replicas.iter().chain(&self.repl.channels).copied().collect::<Vec<u64>>() {
            if self.client(id).replica.as_ref().is_some_and(|r| r.waits) {
                self.send(id, b"\n");
            }
        }
        if self.repl.sync_at.is_some_and(|at| at <= now) {
            self.send_snapshots();
        }
        self.count_good_replicas();
        let silent = self.config.int(config::REPL_TIMEOUT) * 1000;
        let late: Vec<u64> = self
            .repl
            .replicas
            .iter()
            .copied()
            .filter(|id| {
                self.client(*id)
                    .replica
                    .as_ref()
                    .is_some_and(|r| r.online && r.ack_time > 0 && now - r.ack_time > silent)
            })
            .collect();
        for id in late {
            let name = self.replica_name(id);
            self.warn(&format!("Disconnecting timedout replica (streaming sync): {name}"));
            self.drop_client(id);
        }
    }

    /// Counts the replicas that are not too far behind.
    pub(crate) fn count_good_replicas(&mut self) {
        let (lag, now) = (self.config.int(config::MIN_REPLICAS_MAX_LAG) * 1000, self.now_ms);
        let good = self.replica_states().filter(|r| r.online && now - r.ack_time <= lag).count();
        self.repl.good_replicas = good as i64;
    }

    fn replica_states(&self) -> impl Iterator<Item = &ReplicaState> {
        self.repl.replicas.iter().filter_map(|id| self.clients.get(id)?.replica.as_deref())
    }

    /// Bytes of the stream that are kept: for those who come back, and beyond that for those who are slow.
    pub(crate) fn replication_memory(&self) -> (usize, usize) {
        let pending = |id: &u64| {
            let Some(client) = self.clients.get(id) else { return 0 };
            let held = client.replica.as_ref().and_then(|r| r.held.as_ref());
            client.unsent().len() + held.map_or(0, Vec::len)
        };
        let most = self.repl.replicas.iter().map(pending).max().unwrap_or(0);
        let (kept, size) = (self.repl.backlog_memory().max(most), self.config.size(config::REPL_BACKLOG_SIZE));
        if self.repl.replicas.is_empty() || kept <= size { (kept, 0) } else { (size, kept - size) }
    }

    /// Tells the log which replicas are behind, and how many are not.
    pub(crate) fn report_replicas(&mut self) {
        let (offset, now) = (self.repl.offset, self.now_ms);
        let late: Vec<(u64, i64, i64, bool)> = self
            .repl
            .replicas
            .iter()
            .filter_map(|id| Some((*id, self.clients.get(id)?.replica.as_deref()?)))
            .filter(|(_, state)| state.acked != offset)
            .map(|(id, state)| (id, offset - state.acked, (now - state.ack_time) / 1000, state.online))
            .collect();
        let count = self.repl.replicas.len();
        for (id, behind, lag, online) in &late {
            let (name, state) = (self.replica_name(*id), if *online { "online" } else { "wait_bgsave" });
            let lag = if *online { *lag } else { 0 };
            self.notice(&format!(
                "Lagging replica {name} reported offset {behind} behind master, lag={lag}, state={state}."
            ));
        }
        if count > 0 {
            self.notice(&format!("{} of {count} replicas are in sync when shutting down.", count - late.len()));
        }
    }

    /// How many replicas acknowledged an offset.
    pub fn replicas_at(&self, offset: i64) -> i64 {
        self.replica_states().filter(|r| r.online && r.acked >= offset).count() as i64
    }

    /// How many have that on their disk.
    pub(crate) fn replicas_synced_at(&self, offset: i64) -> i64 {
        self.replica_states().filter(|r| r.online && r.synced >= offset).count() as i64
    }

    /// Whether no replica is behind.
    pub(crate) fn replicas_caught_up(&self) -> bool {
        let offset = self.repl.offset;
        self.replica_states().all(|r| !r.online || r.acked >= offset)
    }

    /// Answers those who wait for replicas and have enough.
    pub(crate) fn serve_waits(&mut self) {
        if self.waiters.is_empty() {
            return;
        }
        let waiting: Vec<(u64, i64, i64, Option<bool>)> = self
            .blocked()
            .filter_map(|(id, blocked)| match &blocked.on {
                BlockedOn::Replicas { count, offset, aof } => Some((id, *count, *offset, *aof)),
                _ => None,
            })
            .collect();
        for (id, count, offset, aof) in waiting {
            if aof == Some(true) && !self.persist.aof_on() {
                self.end_waiting(id, NOT_APPENDING);
            } else if self.enough(count, offset, aof) {
                self.give_up(id);
            }
        }
    }

    /// Whether WAIT, or WAITAOF, has what it asks for.
    fn enough(&self, count: i64, offset: i64, aof: Option<bool>) -> bool {
        match aof {
            None => self.replicas_at(offset) >= count,
            Some(local) => (!local || self.is_synced(offset)) && self.replicas_synced_at(offset) >= count,
        }
    }

    /// What WAIT, or WAITAOF, answers.
    pub(crate) fn answer_wait(&self, out: &mut resp::Reply, offset: i64, aof: bool) {
        if aof {
            out.array(2);
            out.int(i64::from(self.is_synced(offset)));
            out.int(self.replicas_synced_at(offset));
        } else {
            out.int(self.replicas_at(offset));
        }
    }

    /// Asks all replicas how far they are.
    pub(crate) fn ask_replicas(&mut self) {
        let mut bytes = Vec::new();
        encode_request(&mut bytes, &["REPLCONF", "GETACK", "*"]);
        self.stream_out(&bytes);
    }
}

/// WAITAOF wants something of a file that there is not.
pub(crate) const NOT_APPENDING: &str = "ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.";

/// WAIT and WAITAOF.
pub(crate) fn wait(cx: &mut Cx<'_>, count: i64, until: i64, aof: Option<bool>) -> Res {
    let offset = cx.s.repl.offset;
    if cx.s.enough(count, offset, aof) || cx.no_block {
        cx.s.answer_wait(cx.out, offset, aof.is_some());
        return Ok(());
    }
    let argv = cx.argv;
    cx.s.block(cx.client, BlockedOn::Replicas { count, offset, aof }, until, argv);
    if !cx.s.repl.replicas.is_empty() {
        cx.s.ask_replicas();
    }
    Ok(())
}

impl Replication {
    /// Forgets the former id's history.
    pub(super) fn shift_id(&mut self, new: String) {
        self.id2 = std::mem::replace(&mut self.id, new);
        self.second_offset = self.offset + 1;
    }
}
