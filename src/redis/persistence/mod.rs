//! Snapshots (RDB) and the append only file (AOF).

mod aof;
pub(crate) mod aof_commands;
mod aof_load;
mod aof_rewrite;
mod aof_sync;
pub mod check_aof;
pub mod check_rdb;
pub mod child;
pub mod crc64;
mod info;
mod load;
pub mod lzf;
mod manifest;
mod rdb_load;
mod rdb_marks;
mod rdb_modules;
pub mod rdb_read;
mod rdb_stream;
mod rdb_vectors;
pub mod rdb_write;
mod recorder;
pub mod reload;
mod ziplist;
mod zipmap;

#[cfg(test)]
mod tests;

pub use load::{Load, Progress};
pub use recorder::Recorder;

use crate::config::{self, Config};
use crate::server::Server;

/// The state of persistence.
#[derive(Debug)]
pub struct Persistence {
    /// When the data was saved last, in seconds.
    pub last_save: i64,
    /// When a save was last tried, in seconds.
    pub last_try: i64,
    /// Changes when the child began to save.
    pub dirty_before: u64,
    /// The child process that writes a snapshot or a new base of the append only file.
    pub child: Option<child::Child>,
    /// BGSAVE SCHEDULE waits for the other child to end.
    pub scheduled: bool,
    /// Background saves that failed, since the last that did not.
    pub failures: u64,
    /// Bytes that the last background save copied since clients changed them.
    pub last_copied: usize,
    /// How long the last child took (s), -1 for none.
    pub last_child_time: i64,
    /// Whether the last background save succeeded.
    pub last_ok: bool,
    /// Saves.
    pub saves: u64,
    /// Keys that were loaded at the start, and that had expired.
    pub loaded: (usize, usize),
    /// What is being loaded while clients are served.
    pub load: Option<Box<Load>>,
    /// What the snapshot being loaded says of the memory in use when it was made.
    pub loading_used_memory: u64,
    /// Bytes of the snapshot that was loaded last.
    pub loaded_size: usize,
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
            scheduled: false,
            failures: 0,
            last_copied: 0,
            last_child_time: -1,
            last_ok: true,
            saves: 0,
            loaded: (0, 0),
            load: None,
            loading_used_memory: 0,
            loaded_size: 0,
            merging: false,
            aof: aof::Aof::default(),
        }
    }

    /// Whether the append only file is in use.
    pub fn aof_on(&self) -> bool {
        self.aof.state != aof::State::Off
    }

    /// Whether what changed is in the append only file.
    pub fn aof_complete(&self) -> bool {
        self.aof.state == aof::State::On
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

/// After a background save that failed, so many seconds pass before the next is tried by itself.
const RETRY_WAIT: i64 = 5;

impl Server {
    /// The file that snapshots go to.
    pub(crate) fn rdb_path(&self) -> String {
        self.config.text(config::DBFILENAME).to_owned()
    }

    /// Saves at once.
    pub fn save_now(&mut self) -> Result<(), String> {
        let (data, keys) = self.snapshot();
        let path = self.rdb_path();
        self.persist.last_try = self.now_ms / 1000;
        if let Err(error) = self.host.write_file(&path, &data) {
            let dir = self.host.current_dir();
            self.warn(&format!(
                "Failed opening the temp RDB file temp-{}.rdb (in server root dir {dir}) for saving: {error}",
                self.host.pid()
            ));
            return Err(error);
        }
        let skipped = self.dbs.iter().map(crate::keyspace::Db::len).sum::<usize>().saturating_sub(keys);
        self.notice(&format!("BGSAVE done, {keys} keys saved, {skipped} keys skipped, {} bytes written.", data.len()));
        self.notice("DB saved on disk");
        self.saved();
        Ok(())
    }

    fn saved(&mut self) {
        self.persist.last_save = self.now_ms / 1000;
        self.persist.last_ok = true;
        self.persist.failures = 0;
        self.persist.saves += 1;
        self.dirty = 0;
    }

    /// Saves in a child process.
    pub(crate) fn background_save(&mut self) {
        let recorder = self.rdb_recorder(false);
        self.save_in_child(recorder, child::Keys::All);
    }

    /// The same with what `recorder` has begun, with these keys.
    pub(crate) fn save_in_child(&mut self, recorder: Recorder, keys: child::Keys<'_>) {
        self.persist.scheduled = false;
        self.start_child(child::Purpose::Save, recorder, keys);
    }

    /// FLUSHALL: a snapshot that is being written is out of date, and where snapshots are kept the empty one is one.
    pub(crate) fn after_flushall(&mut self) {
        self.kill_save();
        if !self.config.save.is_empty() {
            let _ = self.save_now();
        }
    }

    /// Saves and rewrites when that is due, one at a time.
    pub(crate) fn persistence_cron(&mut self) {
        if self.loading {
            return;
        }
        if self.persist.child.is_none() && self.persist.aof.scheduled && !self.rewrite_limited() {
            self.start_rewrite();
        }
        if self.persist.child.is_none() {
            self.save_at_save_point();
        }
        if self.persist.child.is_none() {
            self.rewrite_when_grown();
        }
    }

    /// BGSAVE SCHEDULE: once no other child is at work. Snapshots for replicas go first.
    pub(crate) fn scheduled_save(&mut self) {
        if self.persist.scheduled && self.persist.child.is_none() && !self.loading && !self.waits_to_retry() {
            self.background_save();
        }
    }

    fn waits_to_retry(&self) -> bool {
        !self.persist.last_ok && self.now_ms / 1000 - self.persist.last_try <= RETRY_WAIT
    }

    fn save_at_save_point(&mut self) {
        let elapsed = self.now_ms / 1000 - self.persist.last_save;
        let due =
            self.config.save.iter().find(|p| self.dirty >= p.changes.max(0) as u64 && elapsed > p.seconds).copied();
        if let Some(point) = due
            && !self.waits_to_retry()
        {
            self.notice(&format!("{} changes in {} seconds. Saving...", point.changes, point.seconds));
            self.background_save();
        }
    }
}
