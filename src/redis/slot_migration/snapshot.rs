//! The source's side: the snapshot of the slots, as commands.

use super::State;
use crate::config;
use crate::keyspace::db::FOREVER;
use crate::keyspace::{Record, Value};
use crate::persistence::child::{Keys, Purpose, Slice};
use crate::persistence::rdb_write;
use crate::server::Server;
use resp::encode_request;

/// Values of more elements than this go as commands that add them, a few at a time.
const MOST_IN_ONE: usize = 512;

/// How the snapshot ends.
const END: [&str; 3] = ["CLUSTER", "SYNCSLOTS", "SNAPSHOT-EOF"];

impl Server {
    /// Begins to send the snapshot, as soon as no other child process saves.
    pub(super) fn send_slots_snapshot(&mut self) {
        let Some(task) = self.slot_migration.task().filter(|t| t.state == State::WaitSnapshot) else { return };
        let (Some(to), slots) = (task.channel_client, task.slots.clone()) else { return };
        if self.persist.child.is_some() {
            return;
        }
        self.notice("Starting BGSAVE for SYNC with target: slot migration destination socket (rdb-channel)");
        if self.migration_fault(super::Channel::MigrateSnapshot, State::WaitSnapshot) {
            self.drop_client(to);
            return;
        }
        let recorder = self.slots_recorder();
        let now = self.now_ms;
        if let Some(task) = self.slot_migration.task.as_deref_mut() {
            task.state = State::SendBulkAndStream;
            task.channel_state = State::ChannelTransfer;
            task.dest_state = State::Accumulate;
            task.snapshot_began = now;
        }
        self.send(to, b"+SLOTSSNAPSHOT\r\n");
        let fault = self.migration_fault(super::Channel::MigrateSnapshot, State::SendBulkAndStream);
        self.start_child(Purpose::Slots, recorder, Keys::Of(&slots));
        if fault {
            self.drop_client(to);
        }
    }

    /// A slice of the snapshot goes to the node that the slots move to. Nothing is left for a file.
    pub(crate) fn slice_of_slots(&mut self, mut slice: Slice) -> Slice {
        let data = std::mem::take(&mut slice.data);
        let task = self.slot_migration.task().filter(|task| task.state == State::SendBulkAndStream);
        if let Some(to) = task.and_then(|task| task.channel_client) {
            self.send(to, &data);
        }
        slice
    }

    /// The child process that made the snapshot ended.
    pub(crate) fn slots_snapshot_done(&mut self, ok: bool) {
        let Some(task) = self.slot_migration.task.as_deref_mut().filter(|t| t.state == State::SendBulkAndStream) else {
            return;
        };
        let (main, channel) = (task.main_client, task.channel_client);
        match channel.filter(|_| ok) {
            Some(to) => {
                task.state = State::SendStream;
                task.channel_state = State::Completed;
                let mut end = Vec::new();
                encode_request(&mut end, &END);
                self.client_mut(to).close_after_reply = true;
                self.send(to, &end);
                let now = self.mono_us / 1000;
                if let Some(main) = main {
                    self.client_mut(main).last_seen = now;
                }
                self.notice("Streamed slots snapshot transfer succeeded");
            }
            None if channel.is_some() => self.fail_migration("RDB channel - Failed to send slots snapshot"),
            None => {
                if let Some(main) = main {
                    self.drop_client(main);
                }
            }
        }
    }
}

/// Whether a key moves as its DUMP payload; a long one moves as commands, each of which is quick to execute.
pub(crate) fn moves_whole(record: &Record) -> bool {
    let text = record.value.bytes().is_some();
    // No command makes a value of a module's type.
    matches!(record.value, Value::Vectors(_)) || !text && record.value.elements() <= MOST_IN_ONE
}

/// Writes a key as its DUMP payload.
pub(crate) fn moving_key(out: &mut Vec<u8>, record: &Record) {
    let expire = if record.expire() == FOREVER { 0 } else { record.expire() }.to_string();
    let payload = rdb_write::dump_unchecked(&record.value);
    encode_request(out, &[b"RESTORE".as_slice(), record.key(), expire.as_bytes(), &payload, b"ABSTTL"]);
}

impl Server {
    /// Whether slots go away that a change of those keys concerns, and are told of changes already.
    pub(crate) fn feeds_migration(&self) -> bool {
        matches!(
            self.slot_migration.task().filter(|t| t.operation == super::Operation::Migrate && !t.cross_slot),
            Some(task) if matches!(task.state, State::SendBulkAndStream | State::SendStream | State::HandoffPrep)
        )
    }

    /// How much the destination may lag for the handover to begin, in bytes.
    pub(super) fn handover_lag(&self) -> u64 {
        u64::try_from(self.config.int(config::CLUSTER_SLOT_MIGRATION_HANDOFF_MAX_LAG_BYTES)).unwrap_or(0)
    }
}
