//! The destination's side: asking for slots, and what is said until they come.

use super::task::Conn;
use super::{Channel, Event, Operation, SlotRanges, State, Task};
use crate::cluster::Nid;
use crate::config;
use crate::server::outbox::Outbox;
use crate::server::{Action, Server};
use resp::encode_request;

/// One of the destination's two connections to the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// For the stream.
    Main,
    /// For the snapshot.
    Snapshot,
}

impl Task {
    pub(super) fn conn(&mut self, side: Side) -> Option<&mut Conn> {
        match side {
            Side::Main => self.main.as_mut(),
            Side::Snapshot => self.channel.as_mut(),
        }
    }

    pub(super) fn side_of(&self, conn: u64) -> Option<Side> {
        let is = |c: &Option<Conn>| c.as_ref().is_some_and(|c| c.id == conn);
        if is(&self.main) { Some(Side::Main) } else { is(&self.channel).then_some(Side::Snapshot) }
    }
}

impl super::SlotMigration {
    /// Whether a connection is one to the source of slots.
    pub fn owns(&self, conn: u64) -> bool {
        self.task().is_some_and(|task| task.side_of(conn).is_some())
    }

    /// Bytes to be sent on such a connection.
    pub fn output(&mut self, conn: u64) -> Option<&mut Outbox> {
        let task = self.task.as_deref_mut()?;
        let side = task.side_of(conn)?;
        task.conn(side).map(|conn| &mut conn.output)
    }
}

impl Server {
    /// Whose slots those are; an error's text where they can't move now. `own`: the task of this node is about them.
    pub(super) fn owner_of_slots(&self, slots: &SlotRanges, own: bool) -> Result<Nid, String> {
        let Some(cluster) = self.cluster.as_deref().filter(|c| c.me().is_master()) else {
            return Err("slot migration not allowed on replica.".into());
        };
        if !cluster.importing.is_empty() || !cluster.migrating.is_empty() {
            return Err("all slot states must be STABLE to start a slot migration task.".into());
        }
        let mut source = None;
        for (from, to) in slots.ranges() {
            let range = SlotRanges::of_slots(*from..=*to);
            if !own
                && self.slot_migration.task().is_some_and(|t| t.operation == Operation::Import && t.slots.meets(&range))
            {
                return Err(format!("overlapping import exists for slot range: {from}-{to}"));
            }
            for slot in *from..=*to {
                let owner = cluster.owners.get(slot).copied().filter(|owner| cluster.nodes.contains_key(owner));
                let Some(owner) = owner else { return Err(format!("slot has no owner: {slot}")) };
                if *source.get_or_insert(owner) != owner {
                    return Err("slots belong to different source nodes".into());
                }
            }
        }
        source.ok_or_else(|| "slots belong to different source nodes".into())
    }

    /// CLUSTER MIGRATION IMPORT: the task's id, or an error's text.
    pub(crate) fn import_slots(&mut self, slots: SlotRanges) -> Result<String, String> {
        let source = self.owner_of_slots(&slots, false)?;
        let Some(cluster) = &self.cluster else { return Err(String::new()) };
        if source == cluster.myself {
            return Err("this node is already the owner of the slot range".into());
        }
        let names = (cluster.nodes.get(&source).map_or(String::new(), |n| n.name.clone()), cluster.me().name.clone());
        match self.slot_migration.task().map(|task| task.state) {
            None => {}
            Some(State::Failed) => self.cancel_migration("new import requested"),
            Some(_) => return Err("another ASM task is already in progress".into()),
        }
        let mut task = Task::new(self.random_id(), Operation::Import, slots, self.now_ms);
        task.source_node = Some(source);
        (task.source, task.dest) = names;
        let id = task.id.clone();
        let line = format!("Import task {id} created: src={}, dest={}, slots={}", task.source, task.dest, task.slots);
        self.slot_migration.task = Some(Box::new(task));
        self.notice(&line);
        Ok(id)
    }

    /// Begins an import, or waits for what is in its way.
    pub(super) fn start_import(&mut self) {
        let Some(task) = self.slot_migration.task().filter(|t| t.state == State::None) else { return };
        let (id, slots, before) = (task.id.clone(), task.slots.clone(), task.source_node);
        self.trim_what_is_not_owned(&slots);
        self.migration_event_said(&id, Event::ImportPrep, &slots.to_string());
        let paused = self.pause.is_some_and(|(until, _)| until > self.now_ms);
        let reason = if self.trims_any_of(&slots) {
            Some("trim in progress for some of the slots")
        } else {
            paused.then_some("server paused")
        };
        if let Some(reason) = reason {
            if !std::mem::replace(&mut self.slot_migration.said_blocked, true) {
                self.warn(&format!("Can not start import task {id} for slots: {slots} due to {reason}"));
            }
            return;
        }
        self.slot_migration.said_blocked = false;
        let source = match self.owner_of_slots(&slots, true) {
            Ok(source) => source,
            Err(error) => return self.cancel_migration(&error),
        };
        let Some(cluster) = &self.cluster else { return };
        if source == cluster.myself {
            return self.cancel_migration("slots owned by myself now");
        }
        let Some(node) = cluster.nodes.get(&source) else { return };
        let (name, host, port) = (node.name.clone(), node.ip.clone(), node.port);
        if before != Some(source) {
            self.notice(&format!("Import task {id} source node changed: slots={slots}, new_source={name}"));
        }
        let (now, conn) = (self.now_ms, self.new_link());
        let Some(task) = self.slot_migration.task.as_deref_mut() else { return };
        task.source_node = Some(source);
        task.source = name;
        task.state = State::Connecting;
        task.started = now;
        task.main = Some(Conn::new(conn, now));
        self.migration_changed(Event::ImportStarted);
        self.actions.push(Action::Connect { conn, host, port });
    }

    /// Sends a request to the source.
    pub(super) fn ask_source(&mut self, side: Side, words: &[&str]) {
        let Some(conn) = self.slot_migration.task.as_deref_mut().and_then(|task| task.conn(side)) else { return };
        encode_request(conn.output.end(), words);
        self.ready_output.insert(conn.id);
    }

    fn main_failed(&mut self, reason: &str) {
        self.fail_migration(&format!("Main channel - Failed to sync with source node: {reason}"));
    }

    fn snapshot_channel_failed(&mut self, reason: &str) {
        self.fail_migration(&format!("RDB channel - Failed to sync with the source node: {reason}"));
    }

    fn channel_failed(&mut self, side: Side, reason: &str) {
        match side {
            Side::Main => self.main_failed(reason),
            Side::Snapshot => self.snapshot_channel_failed(reason),
        }
    }

    /// The state of one of the connections.
    fn side_state(&self, side: Side) -> State {
        let task = self.slot_migration.task();
        task.map_or(State::None, |t| if side == Side::Main { t.state } else { t.channel_state })
    }

    fn set_side_state(&mut self, side: Side, state: State) {
        if let Some(task) = self.slot_migration.task.as_deref_mut() {
            match side {
                Side::Main => task.state = state,
                Side::Snapshot => task.channel_state = state,
            }
        }
    }

    /// Lets a connection break where DEBUG asked for it. Whether it did.
    pub(super) fn breaks(&mut self, side: Side) -> bool {
        let channel = if side == Side::Main { Channel::ImportMain } else { Channel::ImportSnapshot };
        let hit = self.migration_fault(channel, self.side_state(side));
        if hit {
            self.source_lost_by(side);
        }
        hit
    }

    /// A connection to the source is established, or not.
    pub(crate) fn source_connected(&mut self, conn: u64, result: Result<String, String>) {
        let Some(side) = self.slot_migration.task().and_then(|task| task.side_of(conn)) else { return };
        if let Err(reason) = result {
            // There is nothing to be closed.
            match (side, self.slot_migration.task.as_deref_mut()) {
                (Side::Main, Some(task)) => task.main = None,
                (Side::Snapshot, Some(task)) => task.channel = None,
                _ => {}
            }
            return self.channel_failed(side, &reason);
        }
        if self.breaks(side) {
            return;
        }
        let secret = self.cluster.as_ref().map_or(String::new(), |c| c.secret.clone());
        self.ask_source(side, &["AUTH", "internal connection", &secret]);
        self.set_side_state(side, State::AuthReply);
    }

    /// A connection to the source ended.
    pub(crate) fn source_lost(&mut self, conn: u64) {
        let Some(task) = self.slot_migration.task.as_deref_mut() else { return };
        let Some(side) = task.side_of(conn) else { return };
        self.source_lost_by(side);
    }

    fn source_lost_by(&mut self, side: Side) {
        match (side, self.side_state(side)) {
            (Side::Main, State::Streaming | State::WaitStreamEof) => {
                self.fail_migration("Main channel - Connection is closed");
            }
            (Side::Main, State::Accumulate | State::ReadyToStream) => {
                self.fail_migration("Main channel - Read error: Connection reset by peer");
            }
            (Side::Main, State::InitChannel) => self.main_failed("Connection reset by peer"),
            (Side::Snapshot, State::ChannelTransfer) => self.fail_migration("RDB channel - Connection is closed"),
            (Side::Main, _) => {
                self.warn("Source node did not respond to command during SYNCSLOTS handshake");
                self.main_failed("Connection reset by peer");
            }
            (Side::Snapshot, _) => {
                self.snapshot_channel_failed(
                    "Source node did not respond to command during RDBCHANNELSYNCSLOTS handshake",
                );
            }
        }
    }

    /// Bytes came from the source.
    pub(crate) fn source_said(&mut self, conn: u64, data: &[u8]) {
        let now = self.now_ms;
        let Some(task) = self.slot_migration.task.as_deref_mut() else { return };
        let Some(side) = task.side_of(conn) else { return };
        let Some(found) = task.conn(side) else { return };
        found.input.extend_from_slice(data);
        found.last_io = now;
        while self.source_line(side) {}
        match (side, self.side_state(side)) {
            (Side::Snapshot, State::ChannelTransfer) => self.run_snapshot(),
            (Side::Main, State::WaitStreamEof) => self.run_rest_of_stream(),
            (Side::Main, State::Accumulate | State::Streaming) => {
                self.note_peak();
                self.breaks(Side::Main);
            }
            _ => {}
        }
    }

    /// Deals with a line, where one is awaited. Whether there may be another.
    fn source_line(&mut self, side: Side) -> bool {
        let state = self.side_state(side);
        let awaits =
            matches!(state, State::AuthReply | State::HandshakeReply | State::SyncslotsReply | State::ChannelReply);
        let task = self.slot_migration.task.as_deref_mut().filter(|_| awaits);
        let Some(line) = task.and_then(|task| task.conn(side)?.line()) else { return false };
        if self.breaks(side) {
            return false;
        }
        match side {
            Side::Main => self.main_line(state, &line),
            Side::Snapshot => self.snapshot_line(state, &line),
        }
        true
    }

    fn main_line(&mut self, state: State, line: &str) {
        match state {
            State::AuthReply if line == "+OK" => {
                self.set_side_state(Side::Main, State::SendHandshake);
                self.notice("Source node replied to AUTH command, syncslots can continue...");
                let name = self.cluster.as_ref().map_or(String::new(), |c| c.me().name.clone());
                self.ask_source(Side::Main, &["CLUSTER", "SYNCSLOTS", "CONF", "NODE-ID", &name]);
                self.set_side_state(Side::Main, State::HandshakeReply);
            }
            State::AuthReply => self.main_failed(&format!("Error reply to AUTH from the source: {line}")),
            State::HandshakeReply if line == "+OK" => {
                self.set_side_state(Side::Main, State::SendSyncslots);
                self.notice("Source node replied to SYNCSLOTS CONF command, syncslots can continue...");
                self.ask_for_slots();
            }
            State::HandshakeReply => {
                self.main_failed(&format!("Error reply to CLUSTER SYNCSLOTS CONF from the source: {line}"));
            }
            _ if line.starts_with("+RDBCHANNELSYNCSLOTS") => {
                self.set_side_state(Side::Main, State::InitChannel);
                self.notice("Source node replied to SYNCSLOTS SYNC, syncslots can continue...");
                self.open_snapshot_channel();
            }
            _ if line.starts_with("-NOTREADY") => {
                self.set_side_state(Side::Main, State::SendSyncslots);
                self.notice("Source node replied to SYNCSLOTS SYNC with -NOTREADY, will retry later...");
            }
            _ => self.main_failed(&format!("Error reply to CLUSTER SYNCSLOTS SYNC from the source: {line}")),
        }
    }

    fn ask_for_slots(&mut self) {
        let Some(task) = self.slot_migration.task() else { return };
        let mut words = vec!["CLUSTER".to_owned(), "SYNCSLOTS".to_owned(), "SYNC".to_owned(), task.id.clone()];
        for (from, to) in task.slots.ranges() {
            words.extend([from.to_string(), to.to_string()]);
        }
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        self.ask_source(Side::Main, &words);
        self.set_side_state(Side::Main, State::SyncslotsReply);
    }

    fn open_snapshot_channel(&mut self) {
        let node = self.slot_migration.task().and_then(|task| task.source_node);
        let node = node.and_then(|id| self.cluster.as_ref()?.nodes.get(&id));
        let Some((host, port)) = node.map(|n| (n.ip.clone(), n.port)) else { return };
        let (now, conn) = (self.now_ms, self.new_link());
        let Some(task) = self.slot_migration.task.as_deref_mut() else { return };
        task.channel = Some(Conn::new(conn, now));
        task.channel_state = State::Connecting;
        let line =
            format!("RDB channel connection to source node {} established, waiting for AUTH reply...", task.source);
        self.actions.push(Action::Connect { conn, host, port });
        self.notice(&line);
    }

    fn snapshot_line(&mut self, state: State, line: &str) {
        match state {
            State::AuthReply if line == "+OK" => {
                self.set_side_state(Side::Snapshot, State::ChannelRequest);
                self.notice("Source node replied to AUTH command, syncslots rdb channel operation can continue...");
                let id = self.slot_migration.task().map_or(String::new(), |task| task.id.clone());
                self.ask_source(Side::Snapshot, &["CLUSTER", "SYNCSLOTS", "RDBCHANNEL", &id]);
                self.set_side_state(Side::Snapshot, State::ChannelReply);
            }
            State::AuthReply => self.snapshot_channel_failed(&format!("Error reply to AUTH from source: {line}")),
            // The source says that it is still there.
            _ if line.is_empty() => {}
            _ if line.starts_with("+SLOTSSNAPSHOT") => self.begin_snapshot(),
            _ => self.snapshot_channel_failed(&format!(
                "Error reply to CLUSTER SYNCSLOTS RDBCHANNEL from the source: {line}"
            )),
        }
    }

    /// Closes a connection to the source and forgets who executed what came over it.
    pub(super) fn close_source(&mut self, side: Side) {
        let Some(task) = self.slot_migration.task.as_deref_mut() else { return };
        let conn = match side {
            Side::Main => task.main.take(),
            Side::Snapshot => task.channel.take(),
        };
        if let Some(conn) = conn {
            self.clients.remove(&conn.agent);
            self.actions.push(Action::Close(conn.id));
        }
    }

    /// What came is dropped, the connections are closed.
    pub(super) fn import_failed(&mut self) {
        self.note_peak();
        self.close_source(Side::Snapshot);
        self.close_source(Side::Main);
        let Some(task) = self.slot_migration.task.as_deref_mut() else { return };
        task.state = State::Failed;
        let slots = task.slots.clone();
        self.migration_changed(Event::ImportFailed);
        if self.is_cluster_master() {
            self.schedule_trim(slots);
        }
    }

    pub(super) fn import_cron(&mut self, second: bool) {
        let timeout = self.config.int(config::REPL_TIMEOUT) * 1000;
        let now = self.now_ms;
        let silent = |conn: Option<&Conn>| conn.is_some_and(|c| now - c.last_io > timeout);
        let Some(task) = self.slot_migration.task() else { return };
        match task.state {
            State::Failed if second => {
                if let Some(task) = self.slot_migration.task.as_deref_mut() {
                    task.reset();
                    task.retries += 1;
                }
                self.start_import();
            }
            State::WaitStreamEof => {
                let late = silent(task.main.as_ref());
                self.acknowledge_stream();
                if late {
                    self.fail_migration("Main channel - Connection timeout");
                }
            }
            State::Accumulate if task.channel_state == State::ChannelTransfer && silent(task.channel.as_ref()) => {
                self.fail_migration("RDB channel - Connection timeout");
            }
            State::SendSyncslots if second => self.ask_for_slots(),
            _ => {}
        }
    }
}
