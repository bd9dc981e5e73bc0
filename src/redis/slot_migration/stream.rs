//! The destination's side: executing the snapshot and the stream, and taking the slots.

use super::import::Side;
use super::{Channel, Event, State};
use crate::cluster::message::Type;
use crate::config;
use crate::server::client::{ReplyMode, Role};
use crate::server::{Client, Server};
use resp::{Limits, RequestParser};

/// Bytes of the stream that one slice executes, so that none is long.
const SLICE: usize = 256 * 1024;
/// The same where `key-load-delay` has the server pause after each.
const DELAYED_SLICE: usize = 16 * 1024;
/// Microseconds between two slices: others get their turn.
const PAUSE: i64 = 200;

impl Server {
    /// The client as which what comes over a connection is executed.
    fn make_agent(&mut self, side: Side) {
        let (id, now) = (self.new_conn(), self.mono_us / 1000);
        let node = self.slot_migration.task().and_then(|task| task.source_node);
        let node = node.and_then(|n| self.cluster.as_ref()?.nodes.get(&n));
        let addr = node.map_or(String::new(), |n| format!("{}:{}", n.ip, n.port));
        let agent = Client {
            id,
            addr,
            authenticated: true,
            role: Role::Master,
            imports: true,
            internal: true,
            reply_mode: ReplyMode::Off,
            last_cmd: "NULL",
            created: now,
            last_seen: now,
            ..Client::default()
        };
        self.clients.insert(id, Box::new(agent));
        if let Some(conn) = self.slot_migration.task.as_deref_mut().and_then(|task| task.conn(side)) {
            conn.agent = id;
        }
    }

    /// The source begins to send the snapshot; its stream is kept until all of that is there.
    pub(super) fn begin_snapshot(&mut self) {
        if let Some(task) = self.slot_migration.task.as_deref_mut() {
            task.state = State::Accumulate;
            task.channel_state = State::ChannelTransfer;
        }
        self.make_agent(Side::Snapshot);
        self.notice("Source node replied to SLOTSSNAPSHOT, syncing slots snapshot can continue...");
    }

    /// Executes what came over a connection, up to about so many bytes; how many they were. `None` where the
    /// connection, or the whole task, was given up on the way.
    fn run_commands(&mut self, side: Side, most: usize) -> Option<usize> {
        let conn = self.slot_migration.task.as_deref_mut()?.conn(side)?;
        let (number, agent, start) = (conn.id, conn.agent, conn.read);
        let input = std::mem::take(&mut conn.input);
        let mut at = start;
        let mut broken = false;
        while at < input.len() && at - start < most {
            let mut parser = RequestParser::new();
            let rest = input.get(at..).unwrap_or_default();
            match parser.step(rest, Limits::default()) {
                Ok(Some(used)) => {
                    let mut argv = Vec::new();
                    parser.args(rest, &mut argv);
                    at += used;
                    self.run_one(agent, &argv);
                }
                Ok(None) => break,
                Err(_) => {
                    broken = true;
                    break;
                }
            }
            let same = |task: &super::Task| task.side_of(number) == Some(side) && !task.eof;
            if !self.slot_migration.task().is_some_and(same) {
                break;
            }
        }
        let conn = self.slot_migration.task.as_deref_mut()?.conn(side).filter(|conn| conn.id == number)?;
        conn.input = input;
        conn.advance(at - start);
        if broken {
            self.source_lost(number);
            return None;
        }
        Some(at - start)
    }

    fn run_one(&mut self, agent: u64, argv: &[&[u8]]) {
        if argv.is_empty() {
            return;
        }
        self.slot_migration.applying = true;
        self.execute(agent, argv);
        self.slot_migration.applying = false;
        self.client_mut(agent).out.buf.clear();
        self.client_mut(agent).last_seen = self.mono_us / 1000;
    }

    /// Executes the snapshot as it comes.
    pub(super) fn run_snapshot(&mut self) {
        let _ = self.run_commands(Side::Snapshot, usize::MAX);
        self.end_snapshot_channel();
    }

    /// SNAPSHOT-EOF. False where nobody waits for it.
    pub(crate) fn snapshot_ended(&mut self, client: u64) -> bool {
        let Some(task) = self.slot_migration.task.as_deref_mut() else { return false };
        let expected = task.channel_state == State::ChannelTransfer
            && task.channel.as_ref().is_some_and(|channel| channel.agent == client);
        if expected {
            task.channel_state = State::Completed;
        }
        expected
    }

    /// What is left to do once the command that ended the snapshot is over.
    fn end_snapshot_channel(&mut self) {
        let ended = self.slot_migration.task().is_some_and(|task| {
            task.state == State::Accumulate && task.channel_state == State::Completed && task.channel.is_some()
        });
        if !ended {
            return;
        }
        if self.migration_fault(Channel::ImportSnapshot, State::ChannelTransfer) {
            if let Some(task) = self.slot_migration.task.as_deref_mut() {
                task.channel_state = State::ChannelTransfer;
            }
            return self.fail_migration("RDB channel - Connection is closed");
        }
        self.close_source(Side::Snapshot);
        self.notice("RDB channel snapshot transfer completed for the import task.");
        if let Some(task) = self.slot_migration.task.as_deref_mut() {
            task.state = State::ReadyToStream;
        }
    }

    /// Begins to execute what was kept.
    pub(super) fn begin_streaming(&mut self) {
        self.slot_migration.next_slice = 0;
        let Some(task) = self.slot_migration.task.as_deref_mut() else { return };
        task.state = State::Streaming;
        let waiting = task.main.as_ref().map_or(0, super::task::Conn::waiting);
        self.make_agent(Side::Main);
        self.notice(&format!("Starting to stream accumulated buffer for the import task ({waiting} bytes)"));
        self.stream_slice();
    }

    /// Executes some of it; when all is done, the stream is executed as it comes.
    pub(super) fn stream_slice(&mut self) {
        let now = self.host.mono_us();
        if now < self.slot_migration.next_slice {
            return;
        }
        let delay = self.config.int(config::KEY_LOAD_DELAY).max(0);
        let slice = if delay > 0 { DELAYED_SLICE } else { SLICE };
        self.slot_migration.next_slice = now + delay.max(PAUSE);
        let Some(done) = self.run_commands(Side::Main, slice) else { return };
        let Some(task) = self.slot_migration.task.as_deref_mut().filter(|t| t.state == State::Streaming) else {
            return;
        };
        task.dest_offset += done as u64;
        if task.eof {
            return self.take_slots();
        }
        if done >= slice {
            return self.acknowledge_stream();
        }
        task.state = State::WaitStreamEof;
        let line = format!(
            "Successfully streamed accumulated buffer for the import task, applied offset: {}",
            task.dest_offset
        );
        self.notice(&line);
        if !self.breaks(Side::Main) {
            self.acknowledge_stream();
        }
    }

    /// Executes the stream as it comes.
    pub(super) fn run_rest_of_stream(&mut self) {
        let Some(done) = self.run_commands(Side::Main, usize::MAX) else { return };
        let Some(task) = self.slot_migration.task.as_deref_mut() else { return };
        task.dest_offset += done as u64;
        if task.eof && task.state == State::WaitStreamEof {
            self.take_slots();
        }
    }

    /// STREAM-EOF. False where nobody waits for it.
    pub(crate) fn stream_ended(&mut self, client: u64) -> bool {
        let Some(task) = self.slot_migration.task.as_deref_mut() else { return false };
        let mine = task.main.as_ref().is_some_and(|main| main.agent == client);
        let line = match task.state {
            State::Streaming if mine => "CLUSTER SYNCSLOTS STREAM-EOF received during streaming buffer",
            State::WaitStreamEof if mine => "CLUSTER SYNCSLOTS STREAM-EOF received when waiting for STREAM-EOF",
            _ => return false,
        };
        task.eof = true;
        self.notice(line);
        true
    }

    /// Says how far the stream was executed.
    pub(super) fn acknowledge_stream(&mut self) {
        let Some(task) = self.slot_migration.task() else { return };
        let (state, offset) = (task.state.name(), task.dest_offset.to_string());
        self.log(crate::server::Level::Debug, &format!("Destination node applied offset is {offset}"));
        self.ask_source(Side::Main, &["CLUSTER", "SYNCSLOTS", "ACK", state, &offset]);
    }

    /// The source is done: the slots are this node's from now on.
    fn take_slots(&mut self) {
        self.close_source(Side::Main);
        let Some(task) = self.slot_migration.task.as_deref_mut() else { return };
        task.state = State::Takeover;
        let slots = task.slots.clone();
        self.migration_event(Event::Takeover);
        let Some(cluster) = &mut self.cluster else { return };
        let me = cluster.myself;
        for slot in slots.slots() {
            cluster.del_slot(slot);
            cluster.add_slot(me, slot);
        }
        cluster.todo.state = true;
        self.bump_epoch();
        self.cluster_save();
        self.tell_everybody(Type::Pong);
        // The state is the right one: there is nothing that could be wrong.
        let _ = self.migration_configured();
    }
}
