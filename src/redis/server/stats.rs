//! Statistics: commands, errors, the slow log, MONITOR, CLIENT LIST, memory, tracking.

use super::client::{BlockedOn, Role};
pub use super::command_stats::{CommandStat, CommandStats};
use super::{Client, Server};
use std::collections::{BTreeMap, VecDeque};

/// An entry of the slow log.
#[derive(Clone, Debug)]
pub struct SlowEntry {
    /// Its number.
    pub id: u64,
    /// When, in seconds.
    pub time: i64,
    /// How long, in microseconds.
    pub usec: i64,
    /// The command, shortened.
    pub argv: Vec<Vec<u8>>,
    /// Who.
    pub addr: String,
    /// CLIENT SETNAME.
    pub name: Vec<u8>,
}

/// All figures.
#[derive(Clone, Debug, Default)]
pub struct Stats {
    /// By command.
    pub commands: CommandStats,
    /// By error code.
    pub errors: BTreeMap<String, u64>,
    errors_disabled: bool,
    /// Newest first.
    pub slowlog: VecDeque<SlowEntry>,
    next_slow: u64,
}

/// Error codes that are told apart; Redis stops there too.
pub const MOST_ERRORS: usize = 128;

impl Stats {
    /// A command ran.
    pub fn called(&mut self, name: &'static str, usec: i64, failed: bool) {
        let stat = self.commands.of(name);
        stat.calls += 1;
        stat.usec += usec;
        stat.failed += u64::from(failed);
        let bucket = (64 - (usec.max(0) as u64).leading_zeros()) as usize;
        if stat.histogram.len() <= bucket {
            stat.histogram.resize(bucket + 1, 0);
        }
        stat.histogram[bucket] += 1;
    }

    /// A command was refused.
    pub fn rejected(&mut self, name: &'static str) {
        self.commands.of(name).rejected += 1;
    }

    /// An error of this code was sent. Beyond [`MOST_ERRORS`] codes nothing is told apart any more:
    /// then the codes that there were are returned.
    pub fn error(&mut self, code: &str) -> Option<String> {
        if self.errors_disabled {
            return None;
        }
        if self.errors.len() < MOST_ERRORS || self.errors.contains_key(code) {
            *self.errors.entry(code.to_owned()).or_default() += 1;
            return None;
        }
        let codes = self.errors.keys().cloned().collect::<Vec<_>>().join(", ");
        self.errors.clear();
        self.errors.insert("ERRORSTATS_DISABLED".into(), 1);
        self.errors_disabled = true;
        Some(codes)
    }

    /// CONFIG RESETSTAT.
    pub fn reset(&mut self) {
        self.commands.clear();
        self.errors.clear();
        self.errors_disabled = false;
    }

    /// A command was slow.
    pub fn slow(&mut self, argv: &[&[u8]], usec: i64, time: i64, addr: String, name: Vec<u8>, most: usize) {
        if most == 0 {
            return;
        }
        const WORDS: usize = 32;
        const LENGTH: usize = 128;
        let mut words: Vec<Vec<u8>> = argv
            .iter()
            .take(if argv.len() > WORDS { WORDS - 1 } else { WORDS })
            .map(|a| {
                if a.len() <= LENGTH {
                    return a.to_vec();
                }
                let mut short = a[..LENGTH].to_vec();
                short.extend_from_slice(format!("... ({} more bytes)", a.len() - LENGTH).as_bytes());
                short
            })
            .collect();
        if argv.len() > WORDS {
            words.push(format!("... ({} more arguments)", argv.len() - WORDS + 1).into_bytes());
        }
        self.slowlog.push_front(SlowEntry { id: self.next_slow, time, usec, argv: words, addr, name });
        self.next_slow += 1;
        self.slowlog.truncate(most);
    }
}

impl Server {
    /// Shows a command to those who monitor.
    pub(crate) fn feed_monitors(&mut self, id: u64, db: usize, argv: &[&[u8]]) {
        let client = self.client(id);
        let from = if client.unix { "unix:" } else { "" };
        let addr = if client.id == 0 || self.scripting.in_call { "lua" } else { client.addr.as_str() };
        let mut line =
            format!("+{}.{:06} [{db} {from}{addr}]", self.now_us / 1_000_000, self.now_us % 1_000_000).into_bytes();
        for arg in argv {
            line.push(b' ');
            resp::push_repr(&mut line, arg);
        }
        line.extend_from_slice(b"\r\n");
        for monitor in self.monitors.clone() {
            self.send(monitor, &line);
        }
    }

    /// The line of CLIENT LIST.
    pub fn describe_client(&self, id: u64) -> String {
        let client = self.client(id);
        let now = self.host.mono_us() / 1000;
        let multi = client.multi.as_ref().map_or(-1, |m| m.queue.len() as i64);
        let text = |b: &[u8]| String::from_utf8_lossy(b).into_owned();
        let out = client.output();
        let (query, free) = client.query_buffer();
        let redirect = if client.tracking.on { client.tracking.redirect as i64 } else { -1 };
        format!(
            "id={} addr={} laddr={} fd={} name={} age={} idle={} flags={} db={} sub={} psub={} ssub={} multi={multi} watch={} qbuf={} qbuf-free={} argv-mem={} multi-mem={} rbs={} rbp={} obl={} oll={} omem={} tot-mem={} events=r cmd={} user={} redir={redirect} resp={} lib-name={} lib-ver={} io-thread=0 tot-net-in={} tot-net-out={} tot-cmds={}",
            client.id,
            client.addr,
            client.laddr,
            client.fd,
            text(&client.name),
            (now - client.created) / 1000,
            (now - client.last_seen) / 1000,
            client_flags(client),
            client.db,
            client.channels.len(),
            client.patterns.len(),
            client.shard_channels.len(),
            client.watched.len(),
            query,
            free,
            client.words.0,
            client.multi_memory(),
            client.reply_buffer,
            client.reply_peak,
            out.buffered,
            out.blocks,
            out.memory,
            client.memory(),
            client.last_cmd,
            if client.user.is_empty() { "(superuser)" } else { client.user.as_str() },
            if client.resp3 { 3 } else { 2 },
            text(&client.lib_name),
            text(&client.lib_ver),
            client.net_in,
            client.net_out,
            client.commands,
        )
    }
}

fn client_flags(client: &Client) -> String {
    let mut flags = String::new();
    let mut add = |set: bool, c: char| {
        if set {
            flags.push(c);
        }
    };
    add(client.role == Role::Replica, 'S');
    add(client.migrates, 'g');
    add(client.role == Role::Monitor, 'O');
    add(client.role == Role::Master, if client.imports { 'o' } else { 'M' });
    add(client.in_pubsub(), 'P');
    add(client.multi.is_some(), 'x');
    add(client.blocked.as_ref().is_some_and(|b| !matches!(b.on, BlockedOn::Pause)), 'b');
    add(client.tracking.on, 't');
    add(client.tracking.broken, 'R');
    add(client.tracking.bcast, 'B');
    add(client.dirty_cas, 'd');
    add(client.close_after_reply, 'c');
    add(client.close_now, 'A');
    add(client.unix, 'U');
    add(client.readonly, 'r');
    add(client.no_evict, 'e');
    add(client.no_touch, 'T');
    if flags.is_empty() { "N".into() } else { flags }
}

/// What an empty server of this kind uses.
pub const BASE_MEMORY: usize = 705_376;

impl Server {
    /// Bytes of all data, by the real server's measure.
    pub fn data_memory(&self) -> usize {
        self.dbs.iter().map(|db| db.memory()).sum()
    }

    /// Bytes of everything else: the program itself, clients, buffers.
    pub(super) fn count_other_memory(&self) -> usize {
        let clients: usize = self.clients.values().map(|c| 20_000 + c.input_memory() + c.output().memory).sum();
        BASE_MEMORY + clients + self.repl.backlog_memory() + self.persist.buffer_memory()
    }

    /// Bytes that don't count against the limit, since dropping keys makes more of them: what waits for replicas, and to
    /// be appended.
    pub(super) fn uncounted_memory(&self) -> usize {
        let replicas = self.repl.replicas.iter().filter_map(|id| self.clients.get(id));
        replicas.map(|c| c.output().memory).sum::<usize>() + self.persist.buffer_memory()
    }

    /// Counts what is dear to count anew, if that was not done just now.
    pub(crate) fn recount_other_memory(&mut self) -> bool {
        const PAUSE: i64 = 1000;
        if self.mono_us - self.other_counted < PAUSE {
            return false;
        }
        self.other_counted = self.mono_us;
        let before = self.other_memory;
        self.other_memory = self.count_other_memory().saturating_sub(self.uncounted_memory());
        self.other_memory < before
    }

    /// Bytes in use as far as `maxmemory` is concerned: what is dear to count is as of the last tick.
    pub fn limited_memory(&self) -> usize {
        self.data_memory() + self.other_memory + self.listening_memory + self.request_memory
    }

    /// Bytes in use, by the real server's measure.
    pub fn used_memory(&self) -> usize {
        self.data_memory() + self.count_other_memory() + self.listening_memory
    }
}

/// The latency below which `percent` of a command's calls stayed, in microseconds.
pub fn percentile(stat: &CommandStat, percent: f64) -> f64 {
    let wanted = (stat.calls as f64 * percent / 100.0).ceil() as u64;
    let mut seen = 0;
    for (bucket, count) in stat.histogram.iter().enumerate() {
        seen += count;
        if seen >= wanted {
            return (1u64 << bucket) as f64 + 0.003;
        }
    }
    0.0
}
