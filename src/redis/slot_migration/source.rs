//! The source's side: what the destination asks for, the stream of changes, and the handover.

use super::{Channel, Event, Operation, SlotRanges, State, Task};
use crate::commands::key_specs;
use crate::config;
use crate::keyspace::slots::slot_of;
use crate::server::Server;
use resp::encode_request;

impl Server {
    /// SYNCSLOTS SYNC: another node wants slots of this one. An error's text where it can't have them.
    pub(crate) fn give_slots(&mut self, client: u64, id: &str, slots: SlotRanges) -> Result<(), String> {
        let source = self.owner_of_slots(&slots, false).map_err(|e| format!("ERR {e}"))?;
        let Some(cluster) = &self.cluster else { return Ok(()) };
        if source != cluster.myself {
            return Err("ERR This node is not the owner of the slots".into());
        }
        let dest = self.client(client).node.clone();
        if !dest.is_empty() {
            let node = cluster.by_name(&dest).and_then(|n| cluster.nodes.get(&n));
            if !node.is_some_and(crate::cluster::Node::is_master) {
                return Err(format!("ERR Destination node {dest} is not a master"));
            }
        }
        let me = cluster.me().name.clone();
        self.migration_event_said(id, Event::MigratePrep, &slots.to_string());
        if self.migration_fault(Channel::MigrateMain, State::None) {
            return Err("NOTREADY Cluster is not ready to migrate slots".into());
        }
        let now = self.now_ms;
        match self.slot_migration.task.as_deref_mut() {
            None => {}
            Some(task) if task.state != State::Failed => {
                return Err("ERR Another ASM task is already in progress".into());
            }
            Some(task)
                if task.id == id
                    && task.operation == Operation::Migrate
                    && task.slots == slots
                    && task.dest == dest =>
            {
                task.reset();
                task.retries += 1;
            }
            Some(_) => self.cancel_migration("new migration requested"),
        }
        let task = self.slot_migration.task.get_or_insert_with(|| {
            let mut task = Task::new(id.to_owned(), Operation::Migrate, SlotRanges::default(), now);
            task.started = now;
            Box::new(task)
        });
        task.slots = slots;
        task.source = me;
        task.dest = dest;
        task.main_client = Some(client);
        task.state = State::WaitChannel;
        let line =
            format!("Migrate task {} created: src={}, dest={}, slots={}", task.id, task.source, task.dest, task.slots);
        self.client_mut(client).migrates = true;
        self.create_backlog_for_slots();
        self.notice(&line);
        self.migration_changed(Event::MigrateStarted);
        Ok(())
    }

    /// SYNCSLOTS RDBCHANNEL: the connection for the snapshot. An error's text where nobody waits for it.
    pub(crate) fn give_snapshot(&mut self, client: u64, id: &str) -> Result<(), &'static str> {
        if id.len() != 40 {
            return Err("ERR Invalid task id");
        }
        let Some(task) = self.slot_migration.task() else { return Err("ERR No slot migration task in progress") };
        if task.operation != Operation::Migrate || task.state != State::WaitChannel || task.id != id {
            return Err("ERR Another migration task is already in progress");
        }
        if self.migration_fault(Channel::MigrateMain, State::WaitChannel)
            && let Some(main) = self.slot_migration.task().and_then(|task| task.main_client)
        {
            self.drop_client(main);
        }
        let Some(task) = self.slot_migration.task.as_deref_mut().filter(|task| task.main_client.is_some()) else {
            return Err("ERR Main channel connection is not established");
        };
        task.state = State::WaitSnapshot;
        task.channel_state = State::WaitSnapshot;
        task.channel_client = Some(client);
        self.client_mut(client).migrates = true;
        if self.persist.child.is_some() {
            self.notice("BGSAVE for slots snapshot sync delayed");
        }
        Ok(())
    }

    /// A client is gone: perhaps one of those that the slots go to, or that their data came from.
    pub(crate) fn migration_client_gone(&mut self, id: u64) {
        let child = self.child_sends_slots();
        let Some(task) = self.slot_migration.task.as_deref_mut() else { return };
        if task.channel_client == Some(id) {
            task.channel_client = None;
            let sending = task.state == State::SendBulkAndStream;
            task.channel_state = State::Completed;
            if sending && child {
                self.kill_save();
            } else if sending || task.state == State::WaitSnapshot {
                let main = task.main_client;
                if let Some(main) = main {
                    self.drop_client(main);
                }
            }
        } else if task.main_client == Some(id) {
            task.main_client = None;
            self.fail_migration("Main and RDB channel clients are disconnected.");
        } else if task.main.as_ref().is_some_and(|conn| conn.agent == id) {
            self.fail_migration("Main channel - Connection is closed");
        } else if task.channel.as_ref().is_some_and(|conn| conn.agent == id) {
            self.fail_migration("RDB channel - Connection is closed");
        }
    }

    /// The slots stay: clients go on.
    pub(super) fn migrate_failed(&mut self) {
        let Some(task) = self.slot_migration.task.as_deref_mut() else { return };
        let clients = [task.channel_client.take(), task.main_client.take()];
        task.state = State::Failed;
        for id in clients.into_iter().flatten() {
            self.close_soon(id);
        }
        if clients[0].is_some() && self.child_sends_slots() {
            self.kill_save();
        }
        self.migration_changed(Event::MigrateFailed);
    }

    /// Adds a change to the stream, where it concerns the slots.
    pub(crate) fn feed_migration(&mut self, words: &[Vec<u8>]) {
        if !self.feeds_migration() {
            return;
        }
        let argv: Vec<&[u8]> = words.iter().map(Vec::as_slice).collect();
        let Ok(command) = self.find_command(&argv) else { return };
        let keys = key_specs::of(command, &argv).unwrap_or_default();
        let mut slots = keys.iter().filter_map(|key| argv.get(key.at)).map(|key| slot_of(key));
        let Some(slot) = slots.next() else { return };
        let crosses = slots.any(|other| other != slot);
        let Some(task) = self.slot_migration.task.as_deref_mut() else { return };
        if crosses {
            task.cross_slot = true;
            return;
        }
        if !task.slots.has(slot) {
            return;
        }
        let (state, Some(main)) = (task.state, task.main_client) else { return };
        let mut bytes = Vec::new();
        encode_request(&mut bytes, words);
        task.source_offset += bytes.len() as u64;
        if self.migration_fault(Channel::MigrateMain, state) {
            self.close_soon(main);
        }
        self.send(main, &bytes);
    }

    /// SYNCSLOTS ACK: how far the destination is. When it is nearly level, writes wait.
    pub(crate) fn hear_acknowledgement(&mut self, client: u64, state: &[u8], offset: u64) {
        let Some(dest) = State::named(state).filter(|s| matches!(s, State::Streaming | State::WaitStreamEof)) else {
            return;
        };
        let (now, most) = (self.now_ms, self.handover_lag());
        let Some(task) = self.slot_migration.task.as_deref_mut().filter(|t| t.main_client == Some(client)) else {
            return;
        };
        task.dest_state = dest;
        if offset < task.dest_offset {
            let line = format!(
                "CLUSTER SYNCSLOTS ACK received, dest state: {}, but offset {offset} is less than the current dest offset {}",
                dest.name(),
                task.dest_offset
            );
            return self.warn(&line);
        }
        task.dest_offset = offset;
        if dest == State::WaitStreamEof && task.applied == 0 {
            task.applied = now;
        }
        let lag = task.source_offset.saturating_sub(offset);
        if !matches!(task.state, State::SendBulkAndStream | State::SendStream) || lag > most {
            return;
        }
        if self.migration_fault(Channel::MigrateMain, State::HandoffPrep) {
            return;
        }
        self.notice(&format!(
            "The applied offset lag {lag} is less than the threshold {most}, pausing writes for slot handoff"
        ));
        self.set_migrate_state(State::HandoffPrep);
        self.migration_event(Event::HandoffPrep);
        self.begin_handover_pause();
        if let Some(task) = self.slot_migration.task.as_deref_mut() {
            task.state = State::Handoff;
            task.paused = now;
        }
    }

    fn set_migrate_state(&mut self, state: State) {
        if let Some(task) = self.slot_migration.task.as_deref_mut() {
            task.state = state;
        }
    }

    /// Ends the stream once everything is sent, and does not wait for ever for the destination to take the slots.
    pub(super) fn hand_over_slots(&mut self) {
        if self.slot_migration.task().is_some_and(|task| task.cross_slot) {
            return self.cancel_migration("propagating cross slot command");
        }
        self.send_slots_snapshot();
        let Some(task) = self.slot_migration.task() else { return };
        let timeout = self.config.int(config::CLUSTER_SLOT_MIGRATION_WRITE_PAUSE_TIMEOUT);
        let late = self.now_ms - task.paused >= timeout;
        match task.state {
            State::Handoff | State::StreamEof if late => self.fail_migration("Server paused timeout"),
            State::Handoff => self.end_stream_if_sent(),
            _ => {}
        }
    }

    fn end_stream_if_sent(&mut self) {
        let Some(main) = self.slot_migration.task().and_then(|task| task.main_client) else { return };
        if !self.client(main).out.buf.is_empty() {
            return;
        }
        self.notice("Slot migration command stream drained, sending STREAM-EOF to the destination");
        if self.migration_fault(Channel::MigrateMain, State::Handoff) {
            self.drop_client(main);
            return;
        }
        let mut bytes = Vec::new();
        encode_request(&mut bytes, &["CLUSTER", "SYNCSLOTS", "STREAM-EOF"]);
        self.send(main, &bytes);
        let Some(task) = self.slot_migration.task.as_deref_mut() else { return };
        // The destination closes the connection: it may still be saying how far it is.
        task.main_client = None;
        let channel = task.channel_client.take();
        task.channel_state = State::Completed;
        task.state = State::StreamEof;
        if let Some(channel) = channel {
            self.close_soon(channel);
        }
    }

    /// Something of a client's output was sent: perhaps the last of the stream.
    pub(crate) fn migration_sent(&mut self, client: u64) {
        if self.slot_migration.task().is_some_and(|t| t.state == State::Handoff && t.main_client == Some(client)) {
            self.end_stream_if_sent();
        }
    }

    pub(super) fn migrate_cron_of_slots(&mut self) {
        let Some(task) = self.slot_migration.task() else { return };
        let (state, applied, began) = (task.state, task.applied, task.snapshot_began);
        if state == State::WaitSnapshot {
            // The destination sees that the connection is alive.
            if let Some(channel) = task.channel_client.filter(|_| self.persist.child.is_some()) {
                self.send(channel, b"\n");
            }
            return;
        }
        let Some(main) = task.main_client.filter(|_| state == State::SendStream) else { return };
        let level = task.dest_state == State::WaitStreamEof && applied > 0;
        let silent = self.mono_us / 1000 - self.client(main).last_seen;
        if silent > self.config.int(config::REPL_TIMEOUT) * 1000 {
            return self.fail_migration("Main channel - Connection timeout");
        }
        let patience = self.config.int(config::CLUSTER_SLOT_MIGRATION_SYNC_BUFFER_DRAIN_TIMEOUT);
        if level && self.now_ms - applied > patience.max((applied - began) * 2) {
            self.fail_migration("Sync buffer drain timeout");
        }
    }
}
