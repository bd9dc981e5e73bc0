//! Snapshots for replicas: written to disk and sent from there, or sent while a child process makes them, over the
//! connection of the stream or over one of their own.
//!
//! Facts: what redis-server 8.6.3 sends and says in its log.

use super::ReplicaState;
use crate::config;
use crate::persistence::child::{Keys, Purpose, Slice};
use crate::server::Server;

/// How a replica gets its snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// As a file with its length before it.
    Disk,
    /// With a mark as its end.
    Marked,
    /// With a mark, and alone on its connection.
    Channel,
}

/// A snapshot that goes to replicas as it is made.
#[derive(Debug)]
pub(super) struct Sending {
    pub(super) to: Vec<u64>,
    way: Way,
    /// What stands before it, until the first slice is sent.
    head: Vec<u8>,
    /// Its end.
    mark: String,
}

impl ReplicaState {
    /// How it gets its snapshot, and whether with keys.
    fn way(&self, diskless: bool) -> (Way, bool) {
        let way = match (diskless && self.takes_mark, self.channel_of.is_some() || self.rdb_only) {
            (false, _) => Way::Disk,
            (true, false) => Way::Marked,
            (true, true) => Way::Channel,
        };
        (way, !self.functions_only)
    }
}

impl Server {
    fn replica_state(&mut self, id: u64) -> &mut ReplicaState {
        self.client_mut(id).replica.get_or_insert_default()
    }

    /// Begins a snapshot for the replicas that wait for one. All that get the same one get it in the same way; the
    /// others, and all while another child process saves, wait on.
    pub(super) fn send_snapshots(&mut self) {
        if self.persist.child.is_some() {
            return;
        }
        self.repl.sync_at = None;
        let diskless = self.config.bool(config::REPL_DISKLESS_SYNC);
        let all: Vec<u64> = self.repl.channels.iter().chain(&self.repl.replicas).copied().collect();
        let mut waiting: Vec<(u64, (Way, bool))> = Vec::new();
        for id in all {
            if let Some(state) = self.client(id).replica.as_deref().filter(|r| r.waits) {
                waiting.push((id, state.way(diskless)));
            }
        }
        let Some((_, wanted)) = waiting.first().copied() else { return };
        let (way, with_keys) = wanted;
        if waiting.iter().any(|(_, other)| *other != wanted) {
            self.repl.sync_at = Some(self.now_ms);
        }
        let target = match way {
            Way::Disk => "disk",
            Way::Marked => "replicas sockets",
            Way::Channel => "replicas sockets (rdb-channel)",
        };
        self.notice(&format!("Starting BGSAVE for SYNC with target: {target}"));
        let recorder = self.rdb_recorder(false);
        let keys = if with_keys { Keys::All } else { Keys::None };
        let answer = format!("+FULLRESYNC {} {}\r\n", self.repl.id, self.repl.offset);
        // The stream goes on with a selected database of its own.
        self.repl.stream_db = None;
        let to: Vec<u64> = waiting.into_iter().filter(|(_, its)| *its == wanted).map(|(id, _)| id).collect();
        for id in &to {
            let state = self.replica_state(*id);
            state.waits = false;
            state.held = Some(Vec::new());
            if !state.bare {
                self.send(*id, answer.as_bytes());
            }
            if way == Way::Channel {
                self.snapshot_under_way(*id, way);
            }
        }
        if way == Way::Disk {
            self.repl.on_disk = Some(Vec::new());
            self.save_in_child(recorder, keys);
        } else {
            let mark = self.random_id();
            let head = format!("$EOF:{mark}\r\n").into_bytes();
            self.repl.sending = Some(Sending { to, way, head, mark });
            self.start_child(Purpose::Transfer, recorder, keys);
        }
    }

    /// Bytes of a snapshot that is kept for replicas.
    pub(crate) fn snapshot_memory(&self) -> usize {
        self.repl.on_disk.as_ref().map_or(0, Vec::len)
    }

    /// A slice of the snapshot that a child makes: what replicas get of it is noted or sent. What is left for a file.
    pub(crate) fn slice_for_replicas(&mut self, mut slice: Slice, purpose: Purpose) -> Slice {
        if purpose == Purpose::Save {
            if let Some(file) = &mut self.repl.on_disk {
                file.extend_from_slice(&slice.data);
            }
            return slice;
        }
        let Some(mut sending) = self.repl.sending.take() else { return slice };
        // What goes to the sockets counts with what announces it.
        let mut data = std::mem::take(&mut sending.head);
        data.append(&mut slice.data);
        if slice.last.is_some() {
            data.extend_from_slice(sending.mark.as_bytes());
        }
        for id in &sending.to {
            if self.clients.get(id).is_some() {
                self.send(*id, &data);
                if slice.last.is_some() && sending.way == Way::Marked {
                    self.snapshot_under_way(*id, sending.way);
                }
            }
        }
        if slice.last.is_none() {
            self.repl.sending = Some(sending);
        }
        slice
    }

    /// From now on the stream can go to a replica: at once on a connection of its own, else after the snapshot.
    fn snapshot_under_way(&mut self, id: u64, way: Way) {
        let (offset, now) = (self.repl.offset, self.now_ms);
        let state = self.replica_state(id);
        if way == Way::Marked {
            if state.bare {
                self.snapshot_loaded(id);
            } else {
                state.until_ack = true;
            }
            return;
        }
        let Some(main) = state.channel_of.filter(|main| self.repl.replicas.contains(main)) else { return };
        let state = self.replica_state(main);
        state.online = true;
        state.until_ack = true;
        state.acked = offset;
        state.ack_time = now;
        self.count_good_replicas();
        let name = self.replica_name(main);
        self.notice(&format!("Starting to deliver RDB and replication stream to replica: {name}"));
    }

    /// A replica acknowledged something: that it has the snapshot, where that was not known yet.
    pub(super) fn snapshot_acknowledged(&mut self, id: u64) {
        let Some(state) = self.client_mut(id).replica.as_deref_mut() else { return };
        if std::mem::take(&mut state.until_ack) {
            self.snapshot_loaded(id);
        }
    }

    /// A replica has its snapshot: what was held back follows.
    fn snapshot_loaded(&mut self, id: u64) {
        let (offset, now) = (self.repl.offset, self.now_ms);
        let state = self.replica_state(id);
        let held = state.held.take().unwrap_or_default();
        state.online = !state.rdb_only;
        state.acked = state.acked.max(offset - held.len() as i64);
        state.ack_time = now;
        self.count_good_replicas();
        let name = self.replica_name(id);
        if self.client(id).replica.as_deref().is_some_and(|r| r.online) {
            self.send(id, &held);
        }
        self.notice(&format!("Synchronization with replica {name} succeeded"));
    }

    /// The child that saved ended: a file that replicas wait for is sent.
    pub(crate) fn replicas_after_save(&mut self, ok: bool) {
        if let Some(sending) = self.repl.sending.take() {
            // They have a part of it, with no end.
            for id in sending.to {
                if self.clients.get(&id).is_some() {
                    self.drop_client(id);
                }
            }
        }
        let Some(data) = self.repl.on_disk.take() else { return };
        for id in self.repl.replicas.clone() {
            let state = self.replica_state(id);
            if state.held.is_none() || state.until_ack {
                continue;
            }
            if !ok {
                self.drop_client(id);
                continue;
            }
            self.send(id, format!("${}\r\n", data.len()).as_bytes());
            self.send(id, &data);
            self.snapshot_loaded(id);
        }
    }

    /// Ends the child that makes a snapshot which nobody takes any more.
    pub(super) fn nobody_takes_snapshot(&mut self) {
        if let Some(sending) = &self.repl.sending {
            if sending.to.iter().all(|id| self.clients.get(id).is_none()) {
                self.repl.sending = None;
                self.warn("Diskless rdb transfer, last replica dropped, killing fork child.");
                self.kill_save();
            }
            return;
        }
        let taken = self.repl.replicas.iter().chain(&self.repl.channels).any(|id| {
            self.clients.get(id).and_then(|c| c.replica.as_deref()).is_some_and(|r| r.held.is_some() || r.until_ack)
        });
        if !taken && self.repl.on_disk.take().is_some() {
            self.kill_save();
        }
    }
}
