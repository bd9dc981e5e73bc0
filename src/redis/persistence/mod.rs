//! Snapshots (RDB) and the append only file (AOF).

mod aof;
pub(crate) mod aof_commands;
pub mod crc64;
mod info;
pub mod lzf;
pub mod rdb_read;
mod rdb_stream;
pub mod rdb_write;
mod ziplist;

use crate::config::{self, Config};
use crate::server::{Action, Server};

/// The state of persistence.
#[derive(Clone, Debug)]
pub struct Persistence {
    /// When the data was saved last, in seconds.
    pub last_save: i64,
    /// When a save was last tried, in seconds.
    pub last_try: i64,
    /// Changes when the child began to save.
    pub dirty_before: u64,
    /// A child saves: since when (ms).
    pub child: Option<i64>,
    /// What the child makes goes to replicas, not to disk.
    pub for_sockets: bool,
    /// It goes to a node that slots move to.
    pub for_slots: bool,
    /// How long the last child took (s), -1 for none.
    pub last_child_time: i64,
    /// Whether the last background save succeeded.
    pub last_ok: bool,
    /// Saves.
    pub saves: u64,
    /// Keys that were loaded at the start, and that had expired.
    pub loaded: (usize, usize),
    /// DEBUG RELOAD MERGE: what is loaded replaces keys of the same name.
    pub merging: bool,
    /// The append only file.
    pub aof: aof::Aof,
}

impl Persistence {
    /// Nothing saved yet.
    pub fn new(now: i64) -> Persistence {
        Persistence {
            last_save: now,
            last_try: 0,
            dirty_before: 0,
            child: None,
            for_sockets: false,
            for_slots: false,
            last_child_time: -1,
            last_ok: true,
            saves: 0,
            loaded: (0, 0),
            merging: false,
            aof: aof::Aof::default(),
        }
    }

    /// Whether the append only file is in use.
    pub fn aof_on(&self) -> bool {
        self.aof.on
    }

    /// Whether writes are refused since they can't be saved.
    pub fn refuses_writes(&self, stop_on_error: bool, config: &Config) -> bool {
        stop_on_error && !config.save.is_empty() && !self.last_ok
    }

    /// Bytes of buffers.
    pub fn buffer_memory(&self) -> usize {
        self.aof.buffer.len()
    }
}

/// The signal by which a server ends its own children.
const SIGUSR1: u8 = 10;

impl Server {
    fn rdb_path(&self) -> String {
        self.config.text(config::DBFILENAME).to_owned()
    }

    /// Saves at once.
    pub fn save_now(&mut self) -> Result<(), String> {
        let (data, keys) = self.snapshot(false);
        let path = self.rdb_path();
        self.persist.last_try = self.now_ms / 1000;
        if let Err(error) = self.host.write_file(&path, &data) {
            let dir = self.host.current_dir();
            self.warn(&format!(
                "Failed opening the temp RDB file temp-{}.rdb (in server root dir {dir}) for saving: {error}",
                self.host.pid()
            ));
            self.persist.last_ok = false;
            return Err(error);
        }
        self.notice(&format!("BGSAVE done, {keys} keys saved, 0 keys skipped, {} bytes written.", data.len()));
        self.notice("DB saved on disk");
        self.saved();
        Ok(())
    }

    fn saved(&mut self) {
        self.persist.last_save = self.now_ms / 1000;
        self.persist.last_ok = true;
        self.persist.saves += 1;
        self.dirty = 0;
    }

    /// Saves in a child process.
    pub(crate) fn background_save(&mut self) {
        let (data, keys) = self.snapshot(false);
        self.snapshot_in_child(data, keys, true);
    }

    /// Lets a child process write a snapshot to disk, or only accompany it while replicas get it.
    pub(crate) fn snapshot_in_child(&mut self, data: Vec<u8>, keys: usize, to_disk: bool) {
        self.persist.dirty_before = self.dirty;
        self.persist.child = Some(self.now_ms);
        self.persist.for_sockets = !to_disk;
        self.persist.last_try = self.now_ms / 1000;
        self.count.forks += 1;
        let path = to_disk.then(|| self.rdb_path());
        // A negative delay is a microsecond for so many keys.
        let each = self.config.int(config::RDB_KEY_SAVE_DELAY);
        let delay = if each < 0 { keys as i64 / -each } else { (keys as i64).saturating_mul(each) };
        self.actions.push(Action::Save { path, data, keys, delay });
    }

    /// Ends the child that saves, where there is one: what it writes is not wanted any more.
    pub(crate) fn kill_save(&mut self) {
        if self.persist.child.is_some() {
            self.actions.push(Action::KillSave);
        }
    }

    /// The child that saves was ended by a signal. Where the server itself sent it (SIGUSR1), that is no failure.
    pub fn child_killed(&mut self, signal: u8) {
        self.refresh_time();
        let since = self.persist.child.take();
        self.persist.last_child_time = since.map_or(-1, |s| (self.now_ms - s) / 1000);
        if std::mem::take(&mut self.persist.for_sockets) {
            self.warn(&format!("Background transfer terminated by signal {signal}"));
            if std::mem::take(&mut self.persist.for_slots) {
                self.slots_snapshot_done(false);
            }
            return;
        }
        self.warn(&format!("Background saving terminated by signal {signal}"));
        if signal != SIGUSR1 {
            self.persist.last_ok = false;
        }
        self.replicas_after_save(false);
    }

    /// FLUSHALL: a snapshot that is being written is out of date, and where snapshots are kept the empty one is one.
    pub(crate) fn after_flushall(&mut self) {
        self.kill_save();
        if !self.config.save.is_empty() {
            let _ = self.save_now();
        }
    }

    /// A child process that saves was started.
    pub fn child_started(&mut self, pid: u32) {
        if self.persist.for_slots {
            self.notice(&format!("Background RDB transfer started by pid {pid} to slot migration destination socket"));
        } else if self.persist.for_sockets {
            self.notice(&format!("Background RDB transfer started by pid {pid} to replica socket"));
        } else {
            self.notice(&format!("Background saving started by pid {pid}"));
        }
    }

    /// The child that saves ended by itself.
    pub fn child_done(&mut self, ok: bool) {
        self.refresh_time();
        let since = self.persist.child.take();
        if std::mem::take(&mut self.persist.for_sockets) {
            if ok {
                self.notice("Background RDB transfer terminated with success");
            } else {
                self.warn("Background transfer error");
            }
            if std::mem::take(&mut self.persist.for_slots) {
                self.slots_snapshot_done(ok);
            }
            return;
        }
        self.persist.last_child_time = since.map_or(-1, |s| (self.now_ms - s) / 1000);
        if ok {
            self.notice("Background saving terminated with success");
            let left = self.dirty.saturating_sub(self.persist.dirty_before);
            self.saved();
            self.dirty = left;
        } else {
            self.warn("Background saving error");
            self.persist.last_ok = false;
        }
        self.replicas_after_save(ok);
    }

    /// Saves when a save point is reached.
    pub(crate) fn persistence_cron(&mut self) {
        if self.persist.child.is_some() || self.loading {
            return;
        }
        let now = self.now_ms / 1000;
        let elapsed = now - self.persist.last_save;
        let retry_wait = !self.persist.last_ok && now - self.persist.last_try <= 5;
        let due =
            self.config.save.iter().find(|p| self.dirty >= p.changes.max(0) as u64 && elapsed > p.seconds).copied();
        if let Some(point) = due
            && !retry_wait
        {
            self.notice(&format!("{} changes in {} seconds. Saving...", point.changes, point.seconds));
            self.background_save();
        }
    }

    /// Loads what the last run saved. False (after a line in the log) if that is not possible.
    pub fn load_data(&mut self) -> bool {
        let start = self.host.mono_us();
        self.loading = true;
        let appends = self.config.bool(config::APPENDONLY);
        let fine = if appends { self.load_aof(start) } else { self.load_rdb(start) };
        self.loading = false;
        self.dirty = 0;
        if fine && !appends {
            self.offer_saved_history();
        }
        fine && self.start_aof()
    }

    /// DEBUG RELOAD: saves, empties, loads, each of it unless told not to. False where that failed.
    pub(crate) fn reload(&mut self, save: bool, flush: bool, merge: bool) -> Result<(), &'static str> {
        if save && self.save_now().is_err() {
            return Err("ERR");
        }
        let start = self.host.mono_us();
        self.load_again(flush, |server| {
            server.persist.merging = merge;
            let fine = server.load_rdb(start);
            server.persist.merging = false;
            fine.then_some(()).ok_or("ERR Error trying to load the RDB dump, check server logs.")
        })
    }

    /// DEBUG LOADAOF: puts what the append only file says in the place of all data.
    pub(crate) fn reload_aof(&mut self) -> Result<(), &'static str> {
        self.flush_aof();
        let start = self.host.mono_us();
        self.load_again(true, |server| {
            server.load_aof(start).then_some(()).ok_or("ERR Error trying to load the AOF files, check server logs.")
        })?;
        self.dirty = 0;
        Ok(())
    }

    fn load_again(
        &mut self,
        flush: bool,
        load: impl FnOnce(&mut Server) -> Result<(), &'static str>,
    ) -> Result<(), &'static str> {
        let dirty = self.dirty;
        if flush {
            let all: Vec<usize> = (0..self.dbs.len()).collect();
            self.flush(&all);
            self.scripting.functions.flush();
        }
        self.loading = true;
        let result = load(self);
        self.loading = false;
        self.dirty = dirty;
        result
    }

    fn load_rdb(&mut self, start: i64) -> bool {
        let path = self.rdb_path();
        let bytes = match self.host.read_file(&path) {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return true,
            Err(error) => {
                self.warn(&format!("Fatal error loading the DB, check server logs. Exiting. ({error})"));
                return false;
            }
        };
        if !self.load_bytes(&bytes, false) {
            self.warn("Fatal error loading the DB, check server logs. Exiting.");
            return false;
        }
        let seconds = (self.host.mono_us() - start) as f64 / 1e6;
        self.notice(&format!("DB loaded from disk: {seconds:.3} seconds"));
        true
    }

    /// Loads a snapshot and says so.
    pub(crate) fn load_bytes(&mut self, bytes: &[u8], aof_base: bool) -> bool {
        let loaded = match self.load_snapshot(bytes) {
            Ok(loaded) => loaded,
            Err(reason) => {
                self.warn(&reason);
                return false;
            }
        };
        for (name, value) in &loaded.aux {
            match name.as_str() {
                "redis-ver" => self.notice(&format!("Loading RDB produced by version {value}")),
                "ctime" => {
                    let age = self.now_ms / 1000 - value.parse::<i64>().unwrap_or(0);
                    self.notice(&format!("RDB age {} seconds", age.max(0)));
                }
                "used-mem" => {
                    let bytes: f64 = value.parse().unwrap_or(0.0);
                    self.notice(&format!("RDB memory usage when created {:.2} Mb", bytes / 1_048_576.0));
                }
                "aof-base" if aof_base && value == "1" => self.notice("RDB is base AOF"),
                "repl-id" if !aof_base => self.repl.saved_id = Some(value.clone()),
                "cluster-asm-task" => drop(self.hear_masters_task(value)),
                "repl-stream-db" if !aof_base => self.repl.saved_db = value.parse().unwrap_or(0),
                "repl-offset" if !aof_base => self.repl.saved_offset = value.parse().unwrap_or(0),
                _ => {}
            }
        }
        self.repl.saved_db = self.repl.saved_db.min(self.dbs.len() - 1);
        self.persist.loaded = (loaded.keys, loaded.expired);
        self.notice(&format!("Done loading RDB, keys loaded: {}, keys expired: {}.", loaded.keys, loaded.expired));
        true
    }
}
