//! The server: bytes in for each connection, bytes out, and what is to be done in the world.

pub mod big;
pub mod blocking;
mod checks;
pub mod client;
pub mod client_memory;
pub mod clients;
pub mod command_stats;
pub mod connections;
mod counters;
pub mod cron;
pub mod cx;
pub mod debug;
pub mod decimal;
pub mod dispatch;
pub mod errors;
pub mod glob;
pub mod host;
mod hot;
pub mod hotkeys;
pub mod info;
pub mod latency;
pub mod metrics;
pub mod migrate;
pub mod notify;
pub mod number;
pub mod outbox;
pub mod propagate;
pub mod pubsub;
pub mod random;
pub mod ready;
pub mod shutdown;
pub mod slot_stats;
pub mod stats;
pub mod tracking;
pub mod transactions;

pub use client::Client;
pub use counters::Counters;
pub use cx::{Cx, Fail, Res, err};
pub use host::{Host, Level};
pub use hot::Hot;
pub(crate) use hot::hot;

use crate::acl::Acl;
use crate::cluster::Cluster;
use crate::cluster::compatibility::Watched;
use crate::config::{self, Config};
use crate::data::text::Text;
use crate::keyspace::Db;
use crate::keyspace::trash::Trash;
use crate::persistence::Persistence;
use crate::persistence::child::Plan;
use crate::replication::Replication;
use random::Rng;
use ready::Ready;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// The version this server is compatible with.
pub const VERSION: &str = "8.6.3";
/// The same as a number, as RDB files and the cluster bus have it.
pub const VERSION_NUM: u32 = 0x0008_0603;

/// What the engine asks of the program around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Close a connection; everything in its output was taken or is lost.
    Close(u64),
    /// Open a connection to an address; the engine chose the number. `bind` is the local address to use.
    Connect {
        /// Number of the connection.
        conn: u64,
        /// Address or name.
        host: String,
        /// Port.
        port: u16,
    },
    /// Start a child process, call [`Server::child_started`], write to its file what [`Server::child_slice`] gives, a
    /// slice at a time between other work, and call [`Server::child_done`] when all is written or that failed.
    StartChild(Plan),
    /// End the child process with SIGUSR1, then call [`Server::child_killed`].
    KillChild,
    /// Listen elsewhere: the port or the addresses changed.
    Listen,
    /// Run a program in a child process and call [`Server::script_started`], then [`Server::script_ended`].
    Run {
        /// Its path, then its arguments.
        argv: Vec<String>,
    },
    /// End such a child process with SIGKILL.
    KillScript(u32),
    /// End the process.
    Exit(u8),
}

/// The engine.
pub struct Server {
    /// The world.
    pub host: Box<dyn Host>,
    /// Configuration.
    pub config: Config,
    /// Path of the configuration file, absolute.
    pub config_file: Option<String>,
    /// Often used parts of it.
    pub hot: Hot,
    /// Databases.
    pub dbs: Vec<Db>,
    /// What was deleted and still takes memory.
    pub trash: Trash,
    /// Connected clients.
    pub clients: clients::Clients,
    /// Those of them that wait for something.
    pub waiters: BTreeSet<u64>,
    /// Those of them that may be to be closed.
    pub doomed: Vec<u64>,
    /// The next connection's number.
    pub next_conn: u64,
    /// The number of the next connection that is no client.
    next_link: u64,
    /// The client that runs commands without a connection: propagation, the file being loaded.
    pub now_ms: i64,
    /// Wall clock in microseconds, as of the current command.
    pub now_us: i64,
    /// Monotonic clock in microseconds, as of the current command's beginning.
    pub mono_us: i64,
    /// Changes since the last save.
    pub dirty: u64,
    /// What to propagate instead of the command as it was sent.
    pub rewritten: Option<Vec<Vec<u8>>>,
    /// The command must not be propagated.
    pub no_propagate: bool,
    /// What to propagate before the command's own words.
    pub pending_propagation: Vec<propagate::Noted>,
    /// Where changes go: see [`propagate::target`].
    pub targets: u8,
    /// Words of the running command that must not be shown: their places.
    pub redacted: Vec<usize>,
    /// Whose command runs, where one does.
    pub current: u64,
    /// The running command is no use of the keys it looks up: CLIENT NO-TOUCH.
    pub no_touch: bool,
    /// Depth of running commands: 0 outside, 1 for a client's, more inside EXEC and scripts.
    pub depth: u32,
    /// What the program around has to do.
    pub actions: Vec<Action>,
    /// Connections with output to be sent.
    pub ready_output: Ready,
    /// Who waits for which key.
    pub waiting: BTreeMap<(usize, Text), VecDeque<u64>>,
    /// Streams whose pending entries somebody waits to claim, and when the first may be (Unix ms).
    pub claimable: BTreeMap<(usize, Text), i64>,
    /// Keys that changed while somebody waited for them.
    pub ready_keys: VecDeque<(usize, Text)>,
    /// Clients that were woken and have input to be read.
    pub unblocked: VecDeque<u64>,
    /// Who listens to which channel.
    pub channels: BTreeMap<Vec<u8>, BTreeSet<u64>>,
    /// Who listens to which pattern.
    pub patterns: BTreeMap<Vec<u8>, BTreeSet<u64>>,
    /// Who listens to which shard channel.
    pub shard_channels: BTreeMap<Vec<u8>, BTreeSet<u64>>,
    /// Who watches which key.
    pub watchers: BTreeMap<(usize, Text), BTreeSet<u64>>,
    /// Client side caching: who has which key.
    pub tracking: tracking::TrackingTable,
    /// Who gets MONITOR lines.
    pub monitors: BTreeSet<u64>,
    /// Bytes in use beside the data, as of the last tick: what eviction counts with.
    pub other_memory: usize,
    /// The limit of memory changed: room is to be made once the current event is dealt with.
    pub evict_soon: bool,
    /// When that was counted, in microseconds of the monotonic clock.
    pub other_counted: i64,
    /// Bytes of the registers of who listens where.
    pub listening_memory: usize,
    /// Bytes of the words of the request that is being checked.
    pub request_memory: usize,
    /// Statistics.
    pub count: Counters,
    /// Statistics per command, errors, latencies.
    pub stats: stats::Stats,
    /// Rates and the event loop.
    pub metrics: metrics::Metrics,
    /// What took long.
    pub latency: latency::LatencyMonitor,
    /// Users.
    pub acl: Acl,
    /// The cluster, in cluster mode.
    pub cluster: Option<Box<Cluster>>,
    /// Sentinel mode: the Sentinel itself is away while it works.
    pub sentinel_mode: bool,
    /// The Sentinel, in Sentinel mode.
    pub sentinel: Option<Box<crate::sentinel::Sentinel>>,
    /// HOTKEYS.
    pub hotkeys: Option<Box<hotkeys::Hotkeys>>,
    /// A transaction's commands run now.
    pub in_exec: bool,
    /// Scripts and functions.
    pub scripting: crate::scripting::Scripting,
    /// Replication.
    pub repl: Replication,
    /// Persistence.
    pub persist: Persistence,
    /// `run_id`.
    pub run_id: String,
    /// When the server started, in microseconds of the monotonic clock.
    pub started: i64,
    /// When the next tick of the cron is due, in microseconds of the monotonic clock.
    pub next_cron: i64,
    /// How many ticks there were.
    pub cron_loops: u64,
    /// CLIENT PAUSE: until when (ms), and whether only writes wait.
    pub pause: Option<(i64, bool)>,
    /// The command of a client that waited runs again: until when it wants to wait, since when it did.
    pub again: Option<(i64, i64)>,
    /// A signal asked for a shutdown (true: SIGINT), which the next tick begins.
    pub shutdown_signal: Option<bool>,
    /// A shutdown waits for replicas.
    pub shutdown: Option<shutdown::Pending>,
    /// When to go on deleting what has expired, in microseconds of the monotonic clock, if the last slice was
    /// not enough.
    pub more_to_expire: Option<i64>,
    /// DEBUG SET-ACTIVE-EXPIRE.
    pub active_expire: bool,
    /// The running command may meet any key, and belongs to a transaction or a script.
    pub nested_scan: bool,
    /// What each slot costs.
    pub slot_stats: slot_stats::SlotStats,
    /// Atomic slot migration.
    pub slot_migration: crate::slot_migration::SlotMigration,
    /// MIGRATE and its connections.
    pub migrations: migrate::Migrations,
    /// What DEBUG switched.
    pub debug: debug::Switches,
    /// State of the generator for random choices.
    pub rng: Rng,
    /// True while a file is being loaded: nothing is propagated, nothing expires.
    pub loading: bool,
    /// The slot of the running command's keys, where it is looked at though this is no cluster.
    pub(crate) watched_slot: Watched,
    /// Nanoseconds of the machine's time that loading took and that nobody has asked for yet.
    pub(crate) load_cost: u64,
    /// Renamed commands: name given by users, real name; removed ones map to nothing.
    pub renamed: BTreeMap<String, Option<&'static crate::commands::Command>>,
    /// A client that is not connected, for commands of the server itself.
    pub nobody: Box<Client>,
}

impl Server {
    /// A server of this configuration.
    #[allow(clippy::too_many_lines)] // most are one a field
    pub fn new(mut host: Box<dyn Host>, mut config: Config) -> Server {
        if config.bool(config::CLUSTER_ENABLED) {
            config.put(config::DATABASES, config::Setting::Int(1));
        }
        let by_slot = config.bool(config::CLUSTER_ENABLED);
        let dbs = (0..config.size(config::DATABASES).max(1)).map(|_| Db::new(by_slot)).collect();
        let run_id = random_hex(host.as_mut());
        let mut seed = [0; 8];
        host.random(&mut seed);
        let (wall, mono) = (host.wall_us(), host.mono_us());
        let repl = Replication::new(host.as_mut());
        let mut server = Server {
            hot: hot(&config, 0),
            dbs,
            clients: clients::Clients::default(),
            trash: Trash::default(),
            more_to_expire: None,
            waiters: BTreeSet::new(),
            doomed: Vec::new(),
            next_conn: connections::FIRST_CLIENT,
            next_link: connections::LINKS,
            now_ms: wall / 1000,
            now_us: wall,
            mono_us: mono,
            dirty: 0,
            rewritten: None,
            no_propagate: false,
            pending_propagation: Vec::new(),
            redacted: Vec::new(),
            current: 0,
            no_touch: false,
            depth: 0,
            actions: Vec::new(),
            ready_output: Ready::default(),
            waiting: BTreeMap::new(),
            claimable: BTreeMap::new(),
            ready_keys: VecDeque::new(),
            unblocked: VecDeque::new(),
            channels: BTreeMap::new(),
            patterns: BTreeMap::new(),
            shard_channels: BTreeMap::new(),
            watchers: BTreeMap::new(),
            tracking: tracking::TrackingTable::default(),
            monitors: BTreeSet::new(),
            other_memory: 0,
            other_counted: 0,
            evict_soon: false,
            listening_memory: 0,
            request_memory: 0,
            count: Counters::default(),
            stats: stats::Stats::default(),
            metrics: metrics::Metrics::default(),
            latency: latency::LatencyMonitor::default(),
            again: None,
            acl: Acl::new(&config),
            cluster: None,
            sentinel_mode: config.sentinel_mode,
            sentinel: config.sentinel.take(),
            hotkeys: None,
            in_exec: false,
            scripting: crate::scripting::Scripting::default(),
            targets: propagate::target::ALL,
            repl,
            persist: Persistence::new(wall / 1_000_000),
            run_id,
            started: mono,
            next_cron: mono + 1000,
            cron_loops: 0,
            pause: None,
            shutdown_signal: None,
            shutdown: None,
            active_expire: true,
            debug: debug::Switches::default(),
            nested_scan: false,
            slot_stats: slot_stats::SlotStats::default(),
            slot_migration: crate::slot_migration::SlotMigration::default(),
            migrations: migrate::Migrations::default(),
            rng: Rng::new(u64::from_le_bytes(seed) | 1),
            loading: false,
            watched_slot: Watched::No,
            load_cost: 0,
            renamed: BTreeMap::new(),
            nobody: Box::default(),
            config_file: None,
            config,
            host,
        };
        server.complete();
        server
    }

    /// What needs the server to be there already.
    fn complete(&mut self) {
        self.nobody.authenticated = true;
        if self.hot.cluster {
            self.cluster = Some(Box::new(Cluster::new(self)));
        }
        self.rename_commands();
    }

    /// Applies `rename-command`.
    fn rename_commands(&mut self) {
        for (old, new) in self.config.renamed.clone() {
            let renamed = self.renamed.get(&old).copied().flatten();
            if let Some(command) = renamed.or_else(|| crate::commands::find(old.as_bytes())) {
                self.renamed.insert(old, None);
                if !new.is_empty() {
                    self.renamed.insert(new, Some(command));
                }
            }
        }
    }

    /// Reads the clocks.
    pub fn refresh_time(&mut self) {
        self.now_us = self.host.wall_us();
        self.now_ms = self.now_us / 1000;
        self.mono_us = self.host.mono_us();
        self.begin_turn();
    }

    /// Lets both clocks go on to a reading of the monotonic one: reading one clock is dear enough.
    pub fn advance_time(&mut self, mono: i64) {
        self.now_us += mono - self.mono_us;
        self.now_ms = self.now_us / 1000;
        self.mono_us = mono;
    }

    /// Reads the often used configuration values again.
    pub fn refresh_hot(&mut self) {
        self.hot = hot(&self.config, self.hot.fill.packed);
    }

    /// A random number.
    pub fn random(&mut self) -> u64 {
        self.rng.number()
    }

    /// The number of the next vector set.
    pub fn next_vectors(&mut self) -> u64 {
        self.count.vector_sets += 1;
        self.count.vector_sets - 1
    }

    /// A random number below `n`.
    pub fn random_below(&mut self, n: usize) -> usize {
        self.rng.below(n)
    }

    /// 40 random hexadecimal digits.
    pub fn random_id(&mut self) -> String {
        random_hex(self.host.as_mut())
    }

    /// A client; the server's own where there is no such client any more.
    #[inline]
    pub fn client_mut(&mut self, id: u64) -> &mut Client {
        self.clients.get_mut(&id).unwrap_or(&mut self.nobody)
    }

    /// A client.
    #[inline]
    pub fn client(&self, id: u64) -> &Client {
        self.clients.get(&id).unwrap_or(&self.nobody)
    }

    /// What kind of server this is.
    pub fn mode(&self) -> &'static str {
        match (self.sentinel_mode, self.hot.cluster) {
            (true, _) => "sentinel",
            (false, true) => "cluster",
            (false, false) => "standalone",
        }
    }

    /// Writes a line to the log.
    pub fn log(&mut self, level: Level, text: &str) {
        let role = match (self.sentinel_mode, self.repl.is_replica()) {
            (true, _) => 'X',
            (false, true) => 'S',
            (false, false) => 'M',
        };
        let wanted = match self.config.word(config::LOGLEVEL) {
            "debug" => Level::Debug,
            "verbose" => Level::Verbose,
            "notice" => Level::Notice,
            "warning" => Level::Warning,
            _ => return,
        };
        if level >= wanted {
            self.host.log(role, level, text);
        }
    }

    /// A line at level notice.
    pub fn notice(&mut self, text: &str) {
        self.log(Level::Notice, text);
    }

    /// A line at level warning.
    pub fn warn(&mut self, text: &str) {
        self.log(Level::Warning, text);
    }
}

/// 40 random hexadecimal digits.
pub fn random_hex(host: &mut dyn Host) -> String {
    let mut bytes = [0; 20];
    host.random(&mut bytes);
    hex(&bytes)
}

/// Bytes as hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|b| [DIGITS[usize::from(b >> 4)], DIGITS[usize::from(b & 15)]]).map(char::from).collect()
}
