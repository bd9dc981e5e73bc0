//! Everything known about one connected client.

use crate::data::text::Text;
use crate::keyspace::Kind;
use resp::{Reply, RequestParser};
use std::collections::BTreeSet;

/// Where the reply of a client goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReplyMode {
    /// To the client.
    #[default]
    On,
    /// Nowhere.
    Off,
    /// Nowhere, for the command after this one.
    SkipNext,
    /// Nowhere, for this command.
    Skip,
}

/// A queued command of a transaction.
pub type Queued = Vec<Vec<u8>>;

/// A transaction being put together.
#[derive(Clone, Debug, Default)]
pub struct Multi {
    /// The commands.
    pub queue: Vec<Queued>,
    /// A command could not be queued: EXEC will refuse.
    pub broken: bool,
}

/// What a blocked client waits for.
#[derive(Clone, Debug)]
pub struct Blocked {
    /// Why.
    pub on: BlockedOn,
    /// When to give up, in Unix milliseconds; 0 for never.
    pub until: i64,
    /// The command, to be run again.
    pub argv: Vec<Vec<u8>>,
    /// Words of the command that must not be shown.
    pub redacted: Vec<usize>,
    /// Which database.
    pub db: usize,
    /// When it began, in microseconds of the monotonic clock.
    pub since: i64,
}

/// Kinds of waiting.
#[derive(Clone, Debug)]
pub enum BlockedOn {
    /// For one of these keys to change.
    Keys {
        /// The keys.
        keys: Vec<Text>,
        /// The type they must have.
        kind: Kind,
        /// Wake also when a key goes (XREADGROUP).
        gone: bool,
    },
    /// For replicas to acknowledge an offset: WAIT, or WAITAOF with a local fsync wanted.
    Replicas {
        /// How many.
        count: i64,
        /// Up to where.
        offset: i64,
        /// WAITAOF: whether the local file counts too.
        aof: Option<bool>,
    },
    /// For CLIENT PAUSE to end.
    Pause,
    /// For data to be loaded again.
    Loading,
    /// For another server to take keys.
    Migration,
    /// For a shutdown to go through.
    Shutdown,
}

/// Tracking of keys for client side caching.
#[derive(Clone, Debug, Default)]
pub struct Tracking {
    /// On.
    pub on: bool,
    /// BCAST.
    pub bcast: bool,
    /// OPTIN.
    pub optin: bool,
    /// OPTOUT.
    pub optout: bool,
    /// NOLOOP.
    pub noloop: bool,
    /// CLIENT CACHING yes or no was just given.
    pub caching: bool,
    /// The client that gets the messages.
    pub redirect: u64,
    /// The redirection's target is gone.
    pub broken: bool,
    /// PREFIX values.
    pub prefixes: Vec<Vec<u8>>,
}

/// What a connection serves as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    /// An ordinary client.
    #[default]
    Normal,
    /// A replica that this server feeds.
    Replica,
    /// The master that this server follows.
    Master,
    /// MONITOR.
    Monitor,
}

/// A client.
#[derive(Debug, Default)]
pub struct Client {
    /// Its number, never used twice.
    pub id: u64,
    /// `ip:port` of its end.
    pub addr: String,
    /// `ip:port` of this end.
    pub laddr: String,
    /// What CLIENT LIST gives as file descriptor.
    pub fd: i64,
    /// CLIENT SETNAME.
    pub name: Vec<u8>,
    /// CLIENT SETINFO.
    pub lib_name: Vec<u8>,
    /// CLIENT SETINFO.
    pub lib_ver: Vec<u8>,
    /// The user, once authenticated.
    pub user: String,
    /// Whether it may give commands.
    pub authenticated: bool,
    /// Selected database.
    pub db: usize,
    /// RESP3 was asked for.
    pub resp3: bool,
    /// Bytes not parsed yet.
    pub query: Vec<u8>,
    /// Bytes that are being worked on, taken out of `query` meanwhile.
    pub reading: usize,
    /// The slot that its request is about, where that is counted.
    pub slot: Option<usize>,
    /// Bytes of its request.
    pub request: usize,
    /// The running command's words: how many bytes, how many words. Only noted where it is asked for.
    pub words: (usize, usize),
    /// Size of the buffer for output, as Redis would have it.
    pub reply_buffer: usize,
    /// The fullest that it was.
    pub reply_peak: usize,
    /// Since when, in Unix milliseconds.
    pub reply_peak_since: i64,
    /// Reads requests.
    pub parser: RequestParser,
    /// Bytes to be sent.
    pub out: Reply,
    /// How many of them are on their way already.
    pub sent: usize,
    /// Push messages to be sent after the current reply.
    pub pending_push: Vec<u8>,
    /// CLIENT REPLY.
    pub reply_mode: ReplyMode,
    /// MULTI.
    pub multi: Option<Multi>,
    /// WATCH: database and key, and whether the key was expired already.
    pub watched: Vec<(usize, Text, bool)>,
    /// A watched key changed.
    pub dirty_cas: bool,
    /// SUBSCRIBE.
    pub channels: BTreeSet<Vec<u8>>,
    /// PSUBSCRIBE, in order.
    pub patterns: Vec<Vec<u8>>,
    /// SSUBSCRIBE.
    pub shard_channels: BTreeSet<Vec<u8>>,
    /// Waits for something.
    pub blocked: Option<Blocked>,
    /// CLIENT TRACKING.
    pub tracking: Tracking,
    /// What it serves as.
    pub role: Role,
    /// READONLY.
    pub readonly: bool,
    /// ASKING was just given.
    pub asking: bool,
    /// To be closed once everything is sent.
    pub close_after_reply: bool,
    /// To be closed now.
    pub close_now: bool,
    /// May give commands that only nodes of a cluster give to each other.
    pub internal: bool,
    /// Slots go to it: see [`crate::slot_migration`].
    pub migrates: bool,
    /// What it gives comes from the node that slots come from.
    pub imports: bool,
    /// The name of the node that it said it is.
    pub node: String,
    /// CLIENT NO-EVICT.
    pub no_evict: bool,
    /// CLIENT NO-TOUCH.
    pub no_touch: bool,
    /// Came through the Unix socket.
    pub unix: bool,
    /// SCRIPT DEBUG.
    pub debug: Option<crate::scripting::debug::Mode>,
    /// When it connected, in milliseconds of the monotonic clock.
    pub created: i64,
    /// When it last said something.
    pub last_seen: i64,
    /// The last command, `client|list`.
    pub last_cmd: &'static str,
    /// Bytes read.
    pub net_in: u64,
    /// Bytes of input that the last tick counted as memory.
    pub input_counted: usize,
    /// Bytes written.
    pub net_out: u64,
    /// Commands run.
    pub commands: u64,
    /// Replication state where it is a replica.
    pub replica: Option<Box<crate::replication::ReplicaState>>,
    /// When the output first exceeded the soft limit, in seconds.
    pub soft_limit_since: Option<i64>,
}

impl Client {
    /// Gives back a large output buffer that has not been needed for a while. `now`: monotonic, in milliseconds.
    pub fn rest(&mut self, now: i64) {
        const KEEP: usize = 64 * 1024;
        const WHILE_MS: i64 = 2000;
        if self.out.buf.is_empty() && self.out.buf.capacity() > KEEP && now - self.last_seen > WHILE_MS {
            self.out.buf = Vec::new();
        }
    }

    /// What waits to be sent.
    pub fn unsent(&self) -> &[u8] {
        self.out.buf.get(self.sent..).unwrap_or_default()
    }

    /// Bytes that hold input which is not served yet. Once all is served the real server gives the buffer to whoever
    /// sends next.
    pub fn input_memory(&self) -> usize {
        if self.query.is_empty() { 0 } else { self.query.capacity() }
    }

    /// How many channels and patterns it listens to (shard channels are counted apart).
    pub fn subscriptions(&self) -> usize {
        self.channels.len() + self.patterns.len()
    }

    /// Whether it is restricted to the pubsub commands.
    pub fn in_pubsub(&self) -> bool {
        self.subscriptions() + self.shard_channels.len() > 0
    }

    /// The address without its port.
    pub fn ip(&self) -> &str {
        self.addr.rsplit_once(':').map_or(self.addr.as_str(), |(ip, _)| ip)
    }
}
