//! Replication: feeding replicas, following a master.
//!
//! Facts: the replication protocol as redis.io/docs describes it and as redis-server 8.6.3 speaks it.

mod channel;
pub mod failover;
mod handshake;
mod info;
mod master;
mod replica;
mod snapshot;
#[cfg(test)]
mod tests;

pub use master::ReplicaState;
pub(crate) use master::{NOT_APPENDING, wait};

use crate::data::text::Text;
use crate::server::host::Host;
use crate::server::outbox::Outbox;
use crate::server::random_hex;
use channel::Incoming;
use std::collections::{BTreeSet, VecDeque};

/// How far the connection with the master is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// To be opened at the next tick.
    Connect,
    /// Being opened.
    Connecting,
    /// Replies to the handshake are awaited.
    Handshake(VecDeque<Step>),
    /// A snapshot is being received.
    Transfer(channel::Incoming),
    /// A snapshot is being received over a connection of its own, while the stream is kept.
    Parallel,
    /// A snapshot that was received is being loaded.
    Loading,
    /// The stream is being received.
    Connected,
}

/// A request of the handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// PING
    Ping,
    /// AUTH
    Auth,
    /// REPLCONF
    Conf,
    /// PSYNC
    Psync,
}

/// The state of replication.
#[derive(Debug)]
pub struct Replication {
    /// The master's address, when this is a replica.
    pub master: Option<(String, u16)>,
    state: State,
    conn: Option<u64>,
    input: Vec<u8>,
    output: Outbox,
    channel: Option<channel::Channel>,
    /// A history of before is given up for the snapshot that comes.
    discards: bool,
    /// The snapshot being loaded came over a connection of its own.
    parallel: bool,
    /// Replication id.
    pub id: String,
    /// The one before.
    pub id2: String,
    /// Bytes of the stream so far.
    pub offset: i64,
    /// Up to where the former id is valid.
    pub second_offset: i64,
    /// The last bytes of the stream, kept for those who come back.
    backlog: Option<VecDeque<u8>>,
    /// The database that the stream last selected.
    stream_db: Option<usize>,
    /// The client whose rights the master's commands have.
    agent: u64,
    /// The database that the master's stream selected last, where nobody follows it now.
    followed_db: usize,
    /// Keys with a time to live that clients wrote to this replica.
    pub own_keys: BTreeSet<(usize, Text)>,
    /// What came of a transaction that is not whole yet.
    begun: Vec<u8>,
    /// Whether id and offset may be continued with a master.
    cached: bool,
    /// When the master was last heard of (ms).
    last_io: i64,
    /// Since when the link is down (ms); 0 where it was never up.
    down_since: i64,
    /// Since when there is no master's data (ms), and how long that was before altogether.
    apart_since: i64,
    disconnected: i64,
    /// Connected replicas.
    pub replicas: Vec<u64>,
    /// Connections over which replicas get nothing but a snapshot.
    channels: Vec<u64>,
    /// The snapshot that a child process writes to disk for replicas.
    on_disk: Option<Vec<u8>>,
    /// The snapshot that goes to replicas as a child process makes it.
    sending: Option<snapshot::Sending>,
    /// When waiting replicas get their snapshot (ms).
    sync_at: Option<i64>,
    /// How many of them are not too far behind.
    pub good_replicas: i64,
    /// A command of the master is running.
    pub running_masters_command: bool,
    /// What the loaded snapshot told.
    pub saved_id: Option<String>,
    /// What the loaded snapshot told.
    pub saved_offset: i64,
    /// What the loaded snapshot told: the database that the stream selected last.
    pub saved_db: usize,
    /// Since when the link is up (ms).
    up_since: i64,
    /// The stream stands still until keys of slots are dropped.
    waits_for_trim: bool,
    /// How often a synchronisation was tried: since the link was last up, and with this master.
    syncs: (u64, u64),
    /// FAILOVER.
    pub failover: Option<failover::Plan>,
    ticks: u64,
}

impl Replication {
    /// A master without replicas.
    pub fn new(host: &mut dyn Host) -> Replication {
        Replication {
            master: None,
            state: State::Connect,
            conn: None,
            input: Vec::new(),
            output: Outbox::default(),
            channel: None,
            discards: false,
            parallel: false,
            id: random_hex(host),
            id2: "0".repeat(40),
            offset: 0,
            second_offset: -1,
            backlog: None,
            stream_db: None,
            agent: 0,
            followed_db: 0,
            own_keys: BTreeSet::new(),
            begun: Vec::new(),
            cached: false,
            last_io: 0,
            down_since: 0,
            apart_since: 0,
            disconnected: 0,
            replicas: Vec::new(),
            channels: Vec::new(),
            on_disk: None,
            sending: None,
            sync_at: None,
            good_replicas: 0,
            running_masters_command: false,
            saved_id: None,
            saved_offset: 0,
            saved_db: 0,
            up_since: 0,
            waits_for_trim: false,
            syncs: (0, 0),
            failover: None,
            ticks: 0,
        }
    }

    /// The id before the present one is no longer accepted.
    pub(crate) fn forget_former_id(&mut self) {
        self.id2 = "0".repeat(40);
        self.second_offset = -1;
    }

    /// Whether this server follows a master.
    pub fn is_replica(&self) -> bool {
        self.master.is_some()
    }

    /// How far this server's data go, as it tells other nodes: a replica that still waits for its
    /// first snapshot has none, and is not shown to clients.
    pub fn told_offset(&self) -> i64 {
        if self.is_replica() && !self.link_up() && !self.cached { 0 } else { self.offset.max(0) }
    }

    /// Whether the connection with the master works.
    pub fn link_up(&self) -> bool {
        self.state == State::Connected
    }

    /// Whether a client is the one whose rights the master's commands have.
    pub fn has_agent(&self, id: u64) -> bool {
        self.agent != 0 && self.agent == id
    }

    /// Whether changes go into a stream of this server's own.
    pub fn feeds(&self) -> bool {
        self.backlog.is_some() && self.master.is_none()
    }

    /// Whether there is a history that a replica could continue.
    pub fn has_history(&self) -> bool {
        self.backlog.is_some() || self.master.is_some()
    }

    /// Whether a connection is the one with the master.
    pub fn owns(&self, conn: u64) -> bool {
        self.conn == Some(conn) || self.owns_channel(conn)
    }

    /// Bytes to be sent to the master.
    pub fn output(&mut self, conn: u64) -> Option<&mut Outbox> {
        if self.owns_channel(conn) {
            return self.channel_output();
        }
        Some(&mut self.output)
    }

    /// Bytes of the backlog.
    pub fn backlog_memory(&self) -> usize {
        self.backlog.as_ref().map_or(0, VecDeque::len)
    }

    /// How long the snapshot that arrives is, and how much of it is there; -1 before anything is known.
    fn progress(&self) -> (i64, i64) {
        let (incoming, read) = match &self.state {
            State::Transfer(incoming) => (Some(incoming), self.input.len()),
            State::Parallel => self.channel.as_ref().map_or((None, 0), channel::Channel::progress),
            _ => (None, 0),
        };
        let size = match incoming {
            Some(Incoming { size: Some(size), .. }) => *size as i64,
            Some(incoming) if !incoming.mark.is_empty() => 0,
            _ => -1,
        };
        (size, read as i64)
    }

    /// How long the master has been silent (ms).
    pub fn data_age(&self, now: i64) -> i64 {
        if self.link_up() { now - self.last_io } else { now - self.down_since }
    }

    /// Adds bytes to the stream.
    fn extend(&mut self, bytes: &[u8], size: usize) {
        self.offset += bytes.len() as i64;
        if let Some(backlog) = &mut self.backlog {
            backlog.extend(bytes);
            let excess = backlog.len().saturating_sub(size);
            backlog.drain(..excess);
        }
    }

    /// The offset of the backlog's first byte.
    fn first_byte(&self) -> i64 {
        self.offset - self.backlog_memory() as i64 + 1
    }
}
