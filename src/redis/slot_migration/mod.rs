//! Atomic slot migration: slots go from one node to another all at once, by replication.
//!
//! The destination opens two connections to the source. Over one comes a snapshot of the slots, as commands; over the
//! other, meanwhile and after it, every change of a key in them. When the destination is nearly level the source
//! pauses writes, sends the rest and the end of the stream; the destination then takes the slots with a newer epoch
//! and says so on the bus, where the source hears it, lets its clients go on and drops the keys.
//!
//! Facts: redis.io/docs about CLUSTER MIGRATION, and what nodes of redis-server 8.6.3 send, say and log.

mod fault;
mod import;
mod ranges;
mod replica;
#[cfg(test)]
mod simulation;
mod snapshot;
mod source;
mod stream;
mod task;
#[cfg(test)]
mod tests;
mod trim;

pub use fault::{Channel, Fault, TrimMethod};
pub use ranges::SlotRanges;
pub(crate) use snapshot::{moves_whole, moving_key};
pub use task::{Operation, State, Task};

use crate::config;
use crate::server::{Level, Server};
use std::collections::VecDeque;
use trim::Trims;

/// All of it.
#[derive(Debug, Default)]
pub struct SlotMigration {
    /// The task that is under way, or failed and is tried again; there is one at a time.
    task: Option<Box<Task>>,
    /// Tasks that ended, the last one first.
    archived: VecDeque<Task>,
    /// What is to be dropped.
    trims: Trims,
    /// On a replica: what its master is doing.
    master_task: Option<Box<Task>>,
    /// What DEBUG lets go wrong.
    fault: Fault,
    /// A command of the source is being executed.
    pub applying: bool,
    /// Since the handover paused writes: the pause that there was before.
    handover: Option<Option<(i64, bool)>>,
    /// The most that the destination ever held back, in bytes.
    peak: usize,
    ticks: u64,
    /// When the next slice of the stream may be executed, in microseconds of the monotonic clock.
    next_slice: i64,
    /// Why an import can't begin was said.
    said_blocked: bool,
}

/// What happened to a task, with the number that the log gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Event {
    HandoffPrep = 3,
    Takeover = 5,
    ImportPrep = 7,
    ImportStarted = 8,
    ImportFailed = 9,
    ImportCompleted = 10,
    MigratePrep = 11,
    MigrateStarted = 12,
    MigrateFailed = 13,
    MigrateCompleted = 14,
}

impl SlotMigration {
    /// The task under way.
    pub fn task(&self) -> Option<&Task> {
        self.task.as_deref()
    }

    /// The task under way and those that ended.
    pub fn all(&self) -> impl Iterator<Item = &Task> {
        self.task.as_deref().into_iter().chain(&self.archived)
    }

    /// The state of the task under way.
    fn state(&self) -> State {
        self.task().map_or(State::None, |task| task.state)
    }

    fn is(&self, operation: Operation) -> bool {
        self.task().is_some_and(|task| task.operation == operation)
    }

    /// Whether slots come.
    pub fn imports(&self) -> bool {
        self.is(Operation::Import)
    }

    /// Whether slots go.
    pub fn migrates(&self) -> bool {
        self.is(Operation::Migrate)
    }

    /// Whether a slot comes or goes.
    pub fn moves(&self, slot: usize) -> bool {
        self.task().is_some_and(|task| task.slots.has(slot))
    }

    /// How many tasks are not over.
    pub fn active(&self) -> usize {
        usize::from(self.task().is_some_and(|t| t.operation == Operation::Import || t.state != State::Failed))
    }

    /// Bytes that came from the source and were not executed yet.
    pub fn input_memory(&self) -> usize {
        self.task().and_then(|t| t.main.as_ref()).map_or(0, |main| main.input.len())
    }

    /// The most that they ever were.
    pub fn input_peak(&self) -> usize {
        self.peak.max(self.input_memory())
    }

    /// Lines of CLUSTER INFO.
    pub fn info(&self) -> [(&'static str, u64); 7] {
        let t = &self.trims;
        [
            ("active_tasks", self.active() as u64),
            ("active_trim_running", t.running() as u64),
            ("active_trim_current_job_keys", t.job_keys),
            ("active_trim_current_job_trimmed", t.job_trimmed),
            ("stats_active_trim_started", t.started),
            ("stats_active_trim_completed", t.completed),
            ("stats_active_trim_cancelled", t.cancelled),
        ]
    }
}

impl Server {
    /// Whether this node is a master of a cluster.
    fn is_cluster_master(&self) -> bool {
        self.cluster.as_ref().is_some_and(|c| c.me().is_master())
    }

    /// Whether a slot's keys may be seen: it is this node's, or comes by MIGRATE.
    pub fn shows_slot(&self, slot: usize) -> bool {
        let Some(cluster) = &self.cluster else { return true };
        cluster.importing.contains_key(&slot) || cluster.owners.get(slot) == Some(&cluster.my_master())
    }

    /// How many keys of the first database may be seen.
    pub fn shown_keys(&self, db: usize) -> usize {
        let Some(keys) = self.dbs.get(db) else { return 0 };
        let all = !self.hot.cluster
            || self.is_cluster_master() && !self.slot_migration.imports() && !self.slot_migration.trims.any();
        if all {
            return keys.len();
        }
        (0..crate::keyspace::slots::SLOTS)
            .map(|slot| (slot, keys.slot_len(slot)))
            .fold(0, |sum, (slot, n)| if n > 0 && self.shows_slot(slot) { sum + n } else { sum })
    }

    /// How many keys slots have.
    fn keys_in(&self, slots: &SlotRanges) -> usize {
        slots.slots().map(|slot| self.dbs.first().map_or(0, |db| db.slot_len(slot))).sum()
    }

    /// Bytes that the destination has not taken yet.
    pub fn slot_migration_output(&self) -> usize {
        let client = self.slot_migration.task().and_then(|t| t.main_client).and_then(|id| self.clients.get(&id));
        client.map_or(0, |client| client.output().memory)
    }

    /// Whether anything holds back writes of clients.
    fn writes_paused(&self) -> bool {
        self.pause.is_some_and(|(until, _)| until > self.now_ms)
    }

    /// Says what happened to the task, and lets clients go on where the source is done.
    fn migration_event(&mut self, event: Event) {
        let Some(task) = self.slot_migration.task.as_deref() else { return };
        let (id, slots) = (task.id.clone(), task.slots.to_string());
        let keys = self.keys_in(&task.slots);
        let line = match event {
            Event::ImportStarted => format!("Import task {id} started for slots: {slots}"),
            Event::ImportFailed => format!("Import task {id} failed for slots: {slots}"),
            Event::Takeover => format!("Import task {id} is ready to takeover slots: {slots}"),
            Event::ImportCompleted => {
                format!("Import task {id} completed for slots: {slots} (imported {keys} keys)")
            }
            Event::MigrateStarted => format!("Migrate task {id} started for slots: {slots} (keys at start: {keys})"),
            Event::MigrateFailed => format!("Migrate task {id} failed for slots: {slots}"),
            Event::HandoffPrep => format!("Migrate task {id} preparing to handoff for slots: {slots}"),
            Event::MigrateCompleted => {
                format!("Migrate task {id} completed for slots: {slots} (migrated {keys} keys)")
            }
            Event::ImportPrep | Event::MigratePrep => String::new(),
        };
        if !line.is_empty() {
            self.notice(&line);
        }
        self.migration_event_said(&id, event, &slots);
        if matches!(event, Event::MigrateFailed | Event::MigrateCompleted) {
            self.end_handover_pause();
        }
    }

    fn migration_event_said(&mut self, id: &str, event: Event, slots: &str) {
        let number = event as u8;
        self.log(Level::Verbose, &format!("Slot migration task {id} received event {number} for slots: {slots}"));
    }

    /// The same for what replicas are to know too.
    fn migration_changed(&mut self, event: Event) {
        if self.is_cluster_master() {
            self.migration_event(event);
            if let Some(text) = self.slot_migration.task().map(Task::encode) {
                self.tell_replicas_of_task(&text);
            }
        }
    }

    /// Writes wait from now on.
    fn begin_handover_pause(&mut self) {
        if self.slot_migration.handover.is_none() {
            self.slot_migration.handover = Some(self.pause);
            let writes_only = self.pause.is_none_or(|(until, writes)| writes || until <= self.now_ms);
            self.pause = Some((i64::MAX, writes_only));
        }
    }

    /// Writes go on, unless somebody else paused them.
    fn end_handover_pause(&mut self) {
        let Some(before) = self.slot_migration.handover.take() else { return };
        match before.filter(|(until, _)| *until > self.now_ms) {
            Some(pause) => self.pause = Some(pause),
            None => self.end_pause(),
        }
    }

    /// CLIENT UNPAUSE ends a client's pause alone. Whether there is another one.
    pub(crate) fn unpause_but_for_handover(&mut self) -> bool {
        let other = self.slot_migration.handover.is_some();
        if other {
            self.slot_migration.handover = Some(None);
        }
        other
    }

    /// The task fails: it is tried again, or cancelled by who calls this.
    fn fail_migration(&mut self, reason: &str) {
        let Some(task) = self.slot_migration.task.as_deref_mut() else { return };
        let (state, channel) = (task.state.name(), task.channel_state.name());
        task.error = format!("{reason} (state: {state}, rdb_channel_state: {channel})");
        let (title, id, slots) = (task.operation.title(), &task.id, &task.slots);
        let line = format!("{title} task {id} failed: slots={slots}, err={}", task.error);
        let (operation, failed) = (task.operation, task.state == State::Failed);
        self.warn(&line);
        if failed {
            return;
        }
        match operation {
            Operation::Import => self.import_failed(),
            Operation::Migrate => self.migrate_failed(),
        }
    }

    /// The task will not go on.
    fn cancel_migration(&mut self, reason: &str) {
        if self.slot_migration.task.is_none() {
            return;
        }
        self.fail_migration(&format!("Cancelled due to {reason}"));
        if let Some(task) = &mut self.slot_migration.task {
            task.state = State::Canceled;
        }
        self.archive_migration();
    }

    /// Cancels the task if `wanted` says so; how many were cancelled.
    pub(crate) fn cancel_migrations(&mut self, reason: &str, wanted: impl Fn(&Task) -> bool) -> usize {
        let found = self.slot_migration.task().is_some_and(wanted);
        if found {
            self.cancel_migration(reason);
        }
        usize::from(found)
    }

    /// The task is over and only remembered.
    fn archive_migration(&mut self) {
        let now = self.now_ms;
        self.note_peak();
        let Some(mut task) = self.slot_migration.task.take() else { return };
        task.ended = now;
        task.source_node = None;
        self.slot_migration.archived.push_front(*task);
    }

    fn note_peak(&mut self) {
        self.slot_migration.peak = self.slot_migration.input_peak();
    }

    /// Nodes agree on who has slots now: what this node lost, or the task itself where it took them.
    fn migration_configured(&mut self) -> Result<(), String> {
        let Some(task) = self.slot_migration.task.as_deref_mut() else { return Ok(()) };
        let event = match (task.operation, task.state) {
            (Operation::Import, State::Takeover) => Event::ImportCompleted,
            (Operation::Migrate, State::StreamEof) => Event::MigrateCompleted,
            (_, state) => {
                let error = format!("ASM task is not in the correct state for config update: {}", state.name());
                self.cancel_migration("slots configuration updated");
                return Err(error);
            }
        };
        task.error.clear();
        task.state = State::Completed;
        let slots = task.slots.clone();
        slots.slots().for_each(|slot| self.slot_stats.reset(slot));
        self.migration_changed(event);
        self.archive_migration();
        if event == Event::MigrateCompleted {
            self.schedule_trim(slots);
        }
        Ok(())
    }

    /// Another node claims slots of this one. Whether that ends a task as it should.
    pub(crate) fn slots_lost(&mut self, lost: &SlotRanges) -> bool {
        if lost.is_empty() || self.repl.is_replica() {
            return false;
        }
        if self.slot_migration.task().is_some_and(|task| task.slots == *lost) {
            if let Err(error) = self.migration_configured() {
                self.warn(&format!("ASM config update failed: {error}"));
            }
            return true;
        }
        self.cancel_migrations("slots configuration updated", |task| task.slots.meets(lost));
        false
    }

    /// Ten times a second.
    pub(crate) fn slot_migration_cron(&mut self) {
        self.slot_migration.ticks += 1;
        let second = self.slot_migration.ticks.is_multiple_of(10);
        match self.slot_migration.task().map(|task| task.operation) {
            Some(Operation::Import) => self.import_cron(second),
            Some(Operation::Migrate) => self.migrate_cron_of_slots(),
            None => {}
        }
        let most = self.config.size(config::CLUSTER_SLOT_MIGRATION_MAX_ARCHIVED_TASKS);
        self.slot_migration.archived.truncate(most);
    }

    /// The last thing before waiting for events.
    pub(crate) fn slot_migration_before_sleep(&mut self) {
        self.start_pending_trims();
        match self.slot_migration.task().map(|task| (task.operation, task.state)) {
            Some((Operation::Import, State::None)) => self.start_import(),
            Some((Operation::Import, State::ReadyToStream)) => self.begin_streaming(),
            Some((Operation::Import, State::Streaming)) => self.stream_slice(),
            Some((Operation::Migrate, _)) => self.hand_over_slots(),
            _ => {}
        }
    }

    /// When more of the stream is to be executed, in microseconds of the monotonic clock.
    pub(crate) fn slot_migration_due(&self) -> Option<i64> {
        (self.slot_migration.state() == State::Streaming).then_some(self.slot_migration.next_slice)
    }
}
