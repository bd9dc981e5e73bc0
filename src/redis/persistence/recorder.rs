//! What a snapshot is made of, piece by piece: what stands before the keys, each key, and the end.

use super::rdb_write::{FORMAT, Writer, op};
use super::{aof, aof_commands, crc64};
use crate::config;
use crate::keyspace::Record;
use crate::keyspace::frozen::Budget;
use crate::keyspace::slots::slot_of;
use crate::server::Server;
use crate::slot_migration::{moves_whole, moving_key};

/// How keys are written.
#[derive(Clone, Copy, Debug)]
pub enum Form {
    /// As an RDB file.
    Rdb {
        /// What was used last is noted as a counter of uses.
        lfu: bool,
        /// What was used last is noted at all.
        keeps_use: bool,
        /// The second that the snapshot is of.
        clock: u32,
        /// It ends with a checksum: `rdbchecksum`.
        checksum: bool,
    },
    /// As commands for a node that slots move to.
    Slots {
        /// As for commands.
        producers: (u64, u64),
    },
    /// As commands.
    Commands {
        /// What new streams remember of their producers: for how long, and how much.
        producers: (u64, u64),
    },
}

/// Writes keys in one form.
#[derive(Debug)]
pub struct Recorder {
    pub(super) writer: Writer,
    form: Form,
    crc: u64,
    /// Keys so far.
    pub keys: usize,
}

impl Recorder {
    /// Another one that writes in the same way.
    pub fn like(&self) -> Recorder {
        Recorder { writer: Writer::new(Vec::new(), self.writer.compress), form: self.form, crc: 0, keys: 0 }
    }

    /// Whether it makes an RDB file.
    pub fn is_rdb(&self) -> bool {
        matches!(self.form, Form::Rdb { .. })
    }

    /// Bytes that wait.
    pub fn waiting(&self) -> usize {
        self.writer.out.len()
    }

    /// Writes a key with its value.
    pub fn record(&mut self, record: &Record) {
        self.part(record, 0, &mut Budget::all());
    }

    /// Writes a key with its value, or, where that is large, as much of it as the budget allows: from the item `from`
    /// on, up to the one it gives. Nothing once all is written.
    pub fn part(&mut self, record: &Record, from: usize, budget: &mut Budget) -> Option<usize> {
        let writer = &mut self.writer;
        let next = match self.form {
            Form::Rdb { lfu, keeps_use, clock, .. } => {
                if from == 0 {
                    writer.head(record, lfu, clock, keeps_use);
                }
                writer.items(&record.value, from, budget)
            }
            Form::Slots { .. } if moves_whole(record) => {
                moving_key(&mut writer.out, record);
                budget.spend(record.value.elements());
                None
            }
            Form::Slots { producers } | Form::Commands { producers } => {
                aof_commands::part(&mut writer.out, record, producers, from, budget)
            }
        };
        self.keys += usize::from(next.is_none());
        next
    }

    /// Adds what another one wrote.
    pub fn join(&mut self, other: &mut Recorder) {
        if self.writer.out.is_empty() {
            std::mem::swap(&mut self.writer.out, &mut other.writer.out);
        } else {
            self.writer.out.append(&mut other.writer.out);
        }
        self.keys += std::mem::take(&mut other.keys);
    }

    /// Whether it wants to know where a slot begins.
    pub fn tells_slots(&self) -> bool {
        matches!(self.form, Form::Slots { .. })
    }

    /// A slot begins, with so many keys of which so many expire.
    pub fn slot(&mut self, slot: u32, keys: usize, volatile: usize) {
        let info = format!("{slot}:{keys}:{volatile}");
        resp::encode_request(&mut self.writer.out, &["CLUSTER", "SYNCSLOTS", "CONF", "SLOT-INFO", &info]);
    }

    /// A database begins, with so many keys of which so many expire.
    pub fn select(&mut self, number: usize, keys: usize, volatile: usize) {
        match self.form {
            Form::Rdb { .. } => {
                self.writer.out.push(op::SELECT_DB);
                self.writer.len(number as u64);
                self.writer.out.push(op::RESIZE_DB);
                self.writer.len(keys as u64);
                self.writer.len(volatile as u64);
            }
            Form::Commands { .. } | Form::Slots { .. } => {
                resp::encode_request(&mut self.writer.out, &["SELECT", &number.to_string()]);
            }
        }
    }

    /// Takes what waits.
    pub fn take(&mut self) -> Vec<u8> {
        let out = std::mem::take(&mut self.writer.out);
        if let Form::Rdb { checksum: true, .. } = self.form {
            self.crc = crc64::update(self.crc, &out);
        }
        out
    }

    /// Takes what waits, with the end behind it.
    pub fn finish(&mut self) -> Vec<u8> {
        let Form::Rdb { checksum, .. } = self.form else { return self.take() };
        self.writer.out.push(op::EOF);
        let mut out = self.take();
        out.extend_from_slice(&if checksum { self.crc } else { 0 }.to_le_bytes());
        out
    }
}

impl Server {
    /// Begins a snapshot as an RDB file. `aof_base`: it begins an append only file.
    pub(crate) fn rdb_recorder(&mut self, aof_base: bool) -> Recorder {
        let compress = self.config.bool(config::RDBCOMPRESSION);
        let mut w = Writer::new(format!("REDIS{FORMAT:04}").into_bytes(), compress);
        w.aux("redis-ver", self.config.version.as_bytes());
        w.aux("redis-bits", b"64");
        w.aux("ctime", (self.now_ms / 1000).to_string().as_bytes());
        w.aux("used-mem", self.used_memory().to_string().as_bytes());
        if !aof_base && self.repl.has_history() {
            w.aux("repl-stream-db", self.stream_db().to_string().as_bytes());
            w.aux("repl-id", self.repl.id.as_bytes());
            w.aux("repl-offset", self.repl.offset.to_string().as_bytes());
        }
        w.aux("aof-base", if aof_base { b"1" } else { b"0" });
        if self.hot.cluster {
            w.aux("cluster-asm-task", self.task_for_snapshot().as_bytes());
        }
        self.write_libraries(&mut w);
        let policy = self.config.word(config::MAXMEMORY_POLICY);
        let form = Form::Rdb {
            lfu: self.hot.lfu,
            keeps_use: policy.ends_with("lru") || policy.ends_with("lfu"),
            clock: (self.now_ms / 1000) as u32,
            checksum: self.config.bool(config::RDBCHECKSUM),
        };
        Recorder { writer: w, form, crc: 0, keys: 0 }
    }

    /// Begins the base of an append only file, as a snapshot or as commands.
    pub(super) fn base_recorder(&mut self) -> Recorder {
        if self.config.bool(config::AOF_USE_RDB_PREAMBLE) {
            return self.rdb_recorder(true);
        }
        let mut out = Vec::new();
        if self.config.bool(config::AOF_TIMESTAMP_ENABLED) {
            out.extend_from_slice(aof::time_note(self.now_ms / 1000).as_bytes());
        }
        let producers = (self.hot.stream.duration, self.hot.stream.most);
        Recorder { writer: Writer::new(out, false), form: Form::Commands { producers }, crc: 0, keys: 0 }
    }

    /// Begins the keys of slots that move to another node.
    pub(crate) fn slots_recorder(&mut self) -> Recorder {
        let functions = self.dump_libraries();
        let mut out = Vec::new();
        resp::encode_request(&mut out, &[b"FUNCTION".as_slice(), b"RESTORE", &functions, b"REPLACE"]);
        let producers = (self.hot.stream.duration, self.hot.stream.most);
        Recorder { writer: Writer::new(out, false), form: Form::Slots { producers }, crc: 0, keys: 0 }
    }

    /// Writes all keys in one step. The whole snapshot, and how many keys it has.
    pub(super) fn record_all(&self, mut recorder: Recorder) -> (Vec<u8>, usize) {
        for (n, db) in self.dbs.iter().enumerate().filter(|(_, db)| !db.is_empty()) {
            recorder.select(n, db.len(), db.volatile());
            for record in db.iter().filter(|r| !self.trims_slots() || !self.trims_slot(slot_of(r.key()))) {
                recorder.record(record);
            }
        }
        (recorder.finish(), recorder.keys)
    }

    /// An RDB file of all keys, made in one step, and how many keys it has.
    pub(crate) fn snapshot(&mut self) -> (Vec<u8>, usize) {
        let recorder = self.rdb_recorder(false);
        self.record_all(recorder)
    }
}
