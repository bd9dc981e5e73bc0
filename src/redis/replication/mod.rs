//! Replication: feeding replicas, following a master.

use crate::server::host::Host;
use crate::server::{Server, random_hex};

/// What is known of a replica that this server feeds.
#[derive(Clone, Debug, Default)]
pub struct ReplicaState {
    /// The port it listens on.
    pub port: i64,
    /// Up to where it acknowledged.
    pub acked: i64,
}

/// The state of replication.
#[derive(Debug)]
pub struct Replication {
    /// The master's address, when this is a replica.
    pub master: Option<(String, u16)>,
    /// Replication id.
    pub id: String,
    /// The one before.
    pub id2: String,
    /// Bytes of the stream so far.
    pub offset: i64,
    /// Up to where the former id is valid.
    pub second_offset: i64,
    /// Connected replicas.
    pub replicas: Vec<u64>,
    /// How many of them are not too far behind.
    pub good_replicas: i64,
    /// A command of the master is running.
    pub running_masters_command: bool,
}

impl Replication {
    /// A master without replicas.
    pub fn new(host: &mut dyn Host) -> Replication {
        Replication {
            master: None,
            id: random_hex(host),
            id2: "0".repeat(40),
            offset: 0,
            second_offset: -1,
            replicas: Vec::new(),
            good_replicas: 0,
            running_masters_command: false,
        }
    }

    /// Whether this server follows a master.
    pub fn is_replica(&self) -> bool {
        self.master.is_some()
    }

    /// Whether the connection with the master works.
    pub fn link_up(&self) -> bool {
        false
    }

    /// Whether anybody wants the stream.
    pub fn feeds(&self) -> bool {
        !self.replicas.is_empty()
    }

    /// Whether a connection is the one with the master.
    pub fn owns(&self, _conn: u64) -> bool {
        false
    }

    /// Bytes to be sent to the master.
    pub fn output(&mut self, _conn: u64) -> Option<&mut Vec<u8>> {
        None
    }

    /// Bytes of the backlog.
    pub fn backlog_memory(&self) -> usize {
        0
    }
}

impl Server {
    pub(crate) fn master_received(&mut self, _conn: u64, _data: &[u8]) {}
    pub(crate) fn master_lost(&mut self, _conn: u64) {}
    pub(crate) fn master_connected(&mut self, _conn: u64, _result: Result<String, String>) {}
    pub(crate) fn replica_lost(&mut self, id: u64) {
        self.repl.replicas.retain(|r| *r != id);
    }
    pub(crate) fn replication_cron(&mut self) {}
    pub(crate) fn feed_replicas(&mut self, _db: usize, _words: &[Vec<u8>]) {}
    /// How many replicas acknowledged an offset.
    pub fn replicas_at(&self, _offset: i64) -> i64 {
        0
    }
    pub(crate) fn replicas_caught_up(&self) -> bool {
        true
    }
    pub(crate) fn serve_waits(&mut self) {}
}

impl Server {
    pub(crate) fn reply_role(&mut self, out: &mut resp::Reply) {
        out.array(3);
        out.text("master");
        out.int(self.repl.offset);
        out.array(0);
    }
    pub(crate) fn info_replication(&mut self, o: &mut String) -> std::fmt::Result {
        use std::fmt::Write;
        writeln!(o, "# Replication\nrole:master\nconnected_slaves:0\nmaster_failover_state:no-failover\nmaster_replid:{}\nmaster_replid2:{}", self.repl.id, self.repl.id2)?;
        writeln!(o, "master_repl_offset:{}\nsecond_repl_offset:{}\nrepl_backlog_active:0\nrepl_backlog_size:1048576\nrepl_backlog_first_byte_offset:0\nrepl_backlog_histlen:0", self.repl.offset, self.repl.second_offset)
    }
}

impl Server {
    /// Follows the master that the configuration names.
    pub fn follow_configured_master(&mut self) {}
}

impl Replication {
    /// How long the master has been silent (ms).
    pub fn data_age(&self, _now: i64) -> i64 {
        0
    }
}

impl Server {
    /// Starts to follow a master.
    pub(crate) fn follow(&mut self, host: &str, port: u16) {
        self.repl.master = Some((host.to_owned(), port));
    }
    /// Becomes a master.
    pub(crate) fn stop_following(&mut self) {
        self.repl.master = None;
    }
}
